-- Users of wrk: every connection waits before each of its requests.
local low, high = 1000 * tonumber(os.getenv("THINK_MIN")), 1000 * tonumber(os.getenv("THINK_MAX"))

wrk.method = "POST"
wrk.body = os.getenv("BODY")
wrk.headers["Content-Type"] = "application/json"

function delay()
  return math.random(low, high)
end

function done(summary, latency, requests)
  local errors = summary.errors
  local line = '{"requests": %d, "p50_us": %d, "p99_us": %d, "failures": %d}'
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local file = io.open(os.getenv("RESULTS") .. "/summary.json", "w")
  file:write(line:format(summary.requests, latency:percentile(50), latency:percentile(99), failures))
  file:close()
end
