"""An option of the script's own, with its default and given."""

# options: --shelf shelves
from locust import FastHttpUser, between, events, task


@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--shelf", default="items")
    parser.add_argument("--other", default="count")


class Visitor(FastHttpUser):
    wait_time = between(0.2, 0.4)

    @task
    def look(self):
        options = self.environment.parsed_options
        self.client.get(f"/{options.shelf}/{options.other}")
