// Users as k6's documentation writes them: a virtual user asks, and sleeps.
import exec from "k6/execution";
import http from "k6/http";
import { sleep } from "k6";

const number = (name) => Number(__ENV[name]);
const beginMs = 1000 * (number("RAMP_S") + number("WARM_UP_S"));
const endMs = beginMs + 1000 * number("HOLD_S");
const headers = { "Content-Type": "application/json" };
const url = `${__ENV.TARGET}/predict/`;

export const options = {
  scenarios: {
    users: {
      executor: "ramping-vus",
      startVUs: 0,
      stages: [
        { duration: `${__ENV.RAMP_S}s`, target: number("USERS") },
        { duration: `${number("WARM_UP_S") + number("HOLD_S") + number("SLACK_S")}s`, target: number("USERS") },
      ],
      gracefulRampDown: "0s",
      gracefulStop: "0s",
    },
  },
  summaryTrendStats: ["med", "p(99)", "count"],
  // A tag's own latencies are summed up only where a threshold names them.
  thresholds: { "http_req_duration{phase:hold}": ["max>=0"] },
};

export default function () {
  const nowMs = exec.instance.currentTestRunDuration;
  const phase = beginMs <= nowMs && nowMs < endMs ? "hold" : "other";
  http.post(url, __ENV.BODY, { headers, tags: { phase } });
  sleep(number("THINK_MIN") + Math.random() * (number("THINK_MAX") - number("THINK_MIN")));
}

export function handleSummary(data) {
  return { [`${__ENV.RESULTS}/summary.json`]: JSON.stringify(data.metrics) };
}
