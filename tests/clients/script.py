"""What the models behind the gateway say to which client. A word in the question chooses what happens to it."""

from libs.testing.model_server import Rule, error_reply, pipeline_script

UNANSWERABLE = "unanswerable"


def script() -> tuple[Rule, ...]:
    """Return the rules; whatever they do not name goes through the usual pipeline."""
    return (Rule(error_reply(400, "the model refuses"), user=UNANSWERABLE), *pipeline_script())
