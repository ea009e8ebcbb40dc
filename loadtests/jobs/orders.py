"""The images of the worked example in examples/orders: its API, and PostgreSQL.

Where a registry answers, its compose file runs as it is; elsewhere PostgreSQL comes from Debian.
"""

from docker import DockerClient

from loadtests.bench import images
from loadtests.bench.base_image import Bootstrap, ensure_base_image
from loadtests.bench.engine import PROJECT_LABEL
from loadtests.jobs.console import say

FOLDER = images.ROOT / "examples" / "orders"
# What Compose reads beside the file: the variables that it is written with.
ENV = FOLDER / ".env"
_NO_CLUSTER = (
    'mkdir -p "$1/etc/postgresql-common" && '
    'echo "create_main_cluster = false" > "$1/etc/postgresql-common/createcluster.conf"'
)
_DATA = "/var/lib/postgresql/data"
POSTGRES = Bootstrap(
    "postgres:15-bookworm",
    "aguanta-postgres:15-bookworm",
    "postgresql-15",
    (
        f"--essential-hook={_NO_CLUSTER}",
        f"--customize-hook=copy-in {FOLDER / 'postgres' / 'entrypoint.sh'} /usr/local/bin",
        # A volume is empty at first and has the owner of what it covers.
        f'--customize-hook=chroot "$1" install -d -o postgres -g postgres {_DATA}',
    ),
    (
        f"LABEL {PROJECT_LABEL}=image",
        f"ENV PGDATA={_DATA}",
        "ENV PGHOST=/tmp",  # its socket: an image has nothing in /run
        "USER postgres",
        'ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]',
        'CMD ["postgres"]',
    ),
)


def prepare_orders(client: DockerClient) -> None:
    """Make the example's images, and tell its compose file which PostgreSQL it has here."""
    images.ensure_image(client, images.ORDERS_API, say)
    name = ensure_base_image(client, say, POSTGRES)
    if name == POSTGRES.pulled:
        ENV.unlink(missing_ok=True)
    else:
        ENV.write_text(f"SHOP_DB_IMAGE={name}\n")
