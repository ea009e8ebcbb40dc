"""What can go wrong on purpose: each message names the value and says what to do."""


class AguantaError(Exception):
    """The base of every error this project raises for its user to read."""


class QuestionError(AguantaError, ValueError):
    """A load, SLO, setting or parameter that makes no sense as asked."""


class HostError(AguantaError):
    """This machine cannot grant what was asked: CPUs, memory, descriptors, ports, disk."""


class EngineError(AguantaError):
    """No container engine answers, or it refused what was asked of it."""


class ImageError(AguantaError):
    """An image could not be pulled, built or published."""


class StoreLockedError(AguantaError):
    """Another run is writing to the same store."""


class RecordError(AguantaError):
    """A stored trial is torn, altered or of another format."""


class BrokenError(AguantaError):
    """What is asked works for nobody, not even for one user alone."""


class TrialError(AguantaError):
    """A trial could not be carried out to its end, so there is nothing to record."""


class ProxyError(TrialError):
    """The proxy in front of the replicas did not do its work: no word about the service."""


class NotReadyError(TrialError):
    """The replicas never answered, so no load was sent."""


class SlowStartError(NotReadyError):
    """A replica was still starting, with all the CPU it can get: it needs longer, or more CPU."""


class KilledAtStartError(NotReadyError):
    """A replica's memory limit killed it before it could begin: no CPU would help."""


class ScalabilityError(AguantaError):
    """Too few replica counts were measured to fit the scalability law to."""
