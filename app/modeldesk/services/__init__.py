"""Use cases: a function a verb, each taking who asks. No web, no SQL, no queue."""
