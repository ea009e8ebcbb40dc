"""What a setting costs per hour, at prices the reader can change."""

from dataclasses import dataclass

from loadtests.errors import QuestionError
from loadtests.question import Setting

# AWS Fargate, on demand, Linux on x86, us-east-1: list price per vCPU and hour and per GB and hour
# (Fargate sizes its GB in steps of 1,024 MiB).
FARGATE_VCPU_HOUR = 0.04048
FARGATE_GIB_HOUR = 0.004445
FARGATE_SOURCE = "AWS Fargate on demand, Linux/x86, us-east-1 (aws.amazon.com/fargate)"
FARGATE_DATE = "2026-03"

# Costs this near are called equal: settings come in steps, so exact pairs are rare.
EQUAL_COST = 0.1


@dataclass(frozen=True)
class Prices:
    """What a container costs: money per vCPU and hour, and per GiB and hour."""

    vcpu_hour: float = FARGATE_VCPU_HOUR
    gib_hour: float = FARGATE_GIB_HOUR
    currency: str = "USD"
    source: str = FARGATE_SOURCE
    date: str = FARGATE_DATE

    def __post_init__(self) -> None:
        """Refuse prices under which less would not be cheaper."""
        if not (self.vcpu_hour >= 0 and self.gib_hour >= 0 and self.vcpu_hour + self.gib_hour > 0):
            raise QuestionError(
                f"prices are {self.vcpu_hour!r} per vCPU-hour and {self.gib_hour!r} per GiB-hour; "
                "give two numbers from 0, at least one above"
            )

    def per_hour(self, setting: Setting) -> float:
        """Return what all replicas of a setting cost per hour, in `currency`."""
        return setting.total_cpus * self.vcpu_hour + setting.total_memory_mib / 1024 * self.gib_hour
