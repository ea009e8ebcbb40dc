"""What people apply: variables for Compose, and YAML that Kubernetes' own schema accepts."""

from dataclasses import replace

import kubernetes_validate
import pytest
import yaml

from loadtests.analysis.deployment import Headroom
from loadtests.question import Question, Target
from loadtests.report.deployment import IDLE_CPU, compose_env, kubernetes_yaml
from tests.analysis.records import row

TARGET = Target("registry.example/team/Shop_API:1.4@sha256:0123", port=8080, health_path="/ready")
DIGEST = "sha256:" + "ab" * 32


def proven(replicas=1):
    """A size that held in two trials."""
    return replace(row(0.35, 190, replicas), trials=("0123456789abcdef", "fedcba9876543210"))


def documents(replicas=1, target=TARGET):
    """Return the YAML's documents by kind."""
    text = kubernetes_yaml(proven(replicas), target, Question(), Headroom(), DIGEST)
    return {each["kind"]: each for each in yaml.safe_load_all(text)}


@pytest.mark.parametrize("replicas", [1, 3])
def test_kubernetes_schema_accepts_every_document_to_the_letter(replicas):
    found = documents(replicas)
    assert set(found) == {"Deployment", "Service", "HorizontalPodAutoscaler"}
    for document in found.values():
        kubernetes_validate.validate(document, "1.34", strict=True)


def test_the_schema_refuses_what_is_no_deployment():
    """Else the test above could not fail."""
    broken = documents()["Deployment"]
    broken["spec"]["template"]["spec"]["containers"][0]["resources"]["limit"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.34", strict=True)


def test_each_replica_gets_what_the_trials_gave_it():
    found = documents(3)
    spec = found["Deployment"]["spec"]
    container = spec["template"]["spec"]["containers"][0]
    assert spec["replicas"] == found["HorizontalPodAutoscaler"]["spec"]["minReplicas"] == 3
    assert container["resources"]["limits"] == {"cpu": "350m", "memory": "190Mi"}
    assert container["resources"]["requests"] == container["resources"]["limits"]
    assert container["image"] == TARGET.image
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": 8080}
    target = found["HorizontalPodAutoscaler"]["spec"]["metrics"][0]["resource"]["target"]
    assert target["averageUtilization"] == 70


def test_every_figure_names_the_trials_it_rests_on():
    text = kubernetes_yaml(proven(), TARGET, Question(), Headroom(), DIGEST)
    figures = [line for line in text.splitlines() if "350m" in line or "190Mi" in line]
    assert len(figures) == 4
    assert all("held in trials 01234567, fedcba98" in line for line in figures)
    assert DIGEST in text


def test_compose_gets_the_variables_of_the_compose_file():
    text = compose_env(proven(2), TARGET, Question(), Headroom())
    given = dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    assert given == {
        "API_IMAGE": TARGET.image,
        "API_CPUS": "0.35",
        "API_MEMORY": "190M",
        "API_REPLICAS": "2",
    }
    assert "30% of the CPU left free" in text
    assert "1 replica may be lost" in text


@pytest.mark.parametrize(
    ("image", "name"),
    [("aguanta-api:latest", "aguanta-api"), ("a/b/Shop_API:1.4", "shop-api"),
     ("127.0.0.1:5000/7zip", "api-7zip"), ("x@sha256:00", "x"), ("___", "api")],
)  # fmt: skip
def test_a_name_is_made_that_kubernetes_takes(image, name):
    found = documents(target=Target(image))
    assert found["Deployment"]["metadata"]["name"] == name
    kubernetes_validate.validate(found["Service"], "1.34", strict=True)


def test_what_the_measured_container_was_given_besides_is_named_without_values():
    target = replace(
        TARGET,
        command=("serve", "--token=hunter2"),
        user="1000",
        environment=("DB_URL", "MODE"),
        files=("/etc/app.ini",),
        companions=("db",),
    )
    given = proven(), target, Question(), Headroom()
    for text in (compose_env(*given), kubernetes_yaml(*given, DIGEST)):
        assert (
            "# It was measured with a command of its own (COMMAND), a user of its own "
            "(CONTAINER_USER), the variables DB_URL and MODE and the files /etc/app.ini: add the "
            "same here.\n"
        ) in text
        assert "# It was measured beside db of its compose file: they are to be there too." in text
        assert "hunter2" not in text
    assert documents(target=target)["Deployment"]["spec"]["replicas"] == 1, "it stays YAML"


def test_a_container_that_was_given_nothing_besides_is_not_said_to_need_it():
    assert "measured with" not in compose_env(proven(), TARGET, Question(), Headroom())


def test_an_autoscaler_that_would_wait_for_a_cpu_that_stays_idle_says_so():
    """A service that sleeps is full at 2% of its CPU."""
    given = proven(3), TARGET, Question(), Headroom(), DIGEST
    assert IDLE_CPU in kubernetes_yaml(*given, scales_by_cpu=False)
    assert IDLE_CPU not in kubernetes_yaml(*given)
