"""The compose file as ops uses it: started, published into, restarted, killed, moved, upgraded."""

from __future__ import annotations

import concurrent.futures
import json
import threading
import urllib.error
import urllib.request
from pathlib import Path

import joblib
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.container.conftest import Composed, clean_clone, run, until

pytestmark = pytest.mark.timeout(900)
"""Building an image, and publishing four models in a container, take their time on a busy machine."""

EXAMPLES = {"breast-cancer", "handwritten-digits", "loan-default", "ride-demand"}
IRIS = {"sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2}


def wait_for_examples(site: Composed) -> None:
    until(lambda: {name for name, state in site.models().items() if state == "serving"} >= EXAMPLES, "the examples")


def publish_iris(site: Composed) -> None:
    """Through the inbox, as the page for ops says."""
    data = load_iris(as_frame=True)
    model = LogisticRegression(max_iter=500).fit(data.data, data.target)
    inbox = site.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    joblib.dump(model, inbox / "iris.joblib")
    data.frame.to_csv(inbox / "iris.csv", index=False)
    site.inside("modeldesk", "publish", "/in/iris.joblib", "--data", "/in/iris.csv", "--target", "target")
    until(lambda: site.models().get("iris") == "serving", "the published model", 30)


def predict_iris(site: Composed) -> str:
    answer = site.call("/api/v1/models/iris/predict", {"records": [IRIS]})
    return str(answer["predictions"][0]["id"])


def make_secret(site: Composed) -> None:
    (site.folder / "secrets").mkdir()
    secret = site.folder / "secrets/database_password"
    secret.write_text("a/pass:word@of-its-own\n")
    secret.chmod(0o444)


def test_the_default_site(composed: Composed) -> None:
    composed.up()
    wait_for_examples(composed)
    assert composed.inside("id", "-u").strip() == "10001"
    for folder in ("/", "/opt/modeldesk", "/etc"):
        written = composed.inside("sh", "-c", f"touch {folder}/x 2>&1 || true")
        assert "Read-only file system" in written
    status = composed.inside("cat", "/proc/1/status")
    assert {"CapEff:\t0000000000000000", "NoNewPrivs:\t1"} <= set(status.splitlines())

    publish_iris(composed)
    made = predict_iris(composed)
    composed.compose("restart", "web")
    until(lambda: composed.models().get("iris") == "serving", "the site after a restart")
    assert composed.call(f"/api/v1/predictions/{made}")["id"] == made


def test_a_kill_under_load_loses_no_answer(composed: Composed) -> None:
    composed.up()
    publish_iris(composed)
    answered: list[str] = []
    stop = threading.Event()

    def client() -> None:
        while not stop.is_set():
            try:
                answered.append(predict_iris(composed))
            except (OSError, urllib.error.URLError, json.JSONDecodeError):
                stop.wait(0.05)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(client) for _ in range(4)]
        for round_ in (1, 2):
            before = len(answered)
            until(lambda before=before: len(answered) > before + 50, f"answers before kill {round_}")  # type: ignore[misc]
            run("docker", "kill", f"{composed.project}-web-1")
            composed.up("web")
        stop.set()
        for done in clients:
            done.result()
    until(lambda: composed.models().get("iris") == "serving", "the site after the kills")
    assert len(answered) == len(set(answered)) > 100
    for prediction_id in answered:
        assert composed.call(f"/api/v1/predictions/{prediction_id}")["id"] == prediction_id


def test_from_sqlite_to_postgresql(composed: Composed) -> None:
    composed.up()
    publish_iris(composed)
    made = predict_iris(composed)
    composed.compose("stop", "web")
    make_secret(composed)
    composed.write_env(COMPOSE_PROFILES="postgres", DATABASE_PASSWORD_SOURCE="./secrets/database_password")
    composed.up("db")
    copied = composed.compose(
        "run", "--rm", "-T", "web", "modeldesk", "copy-log", "sqlite:////var/modeldesk/modeldesk.db", "--json"
    )
    assert json.loads(copied)["copied"]["predictions"] == 1
    composed.up()
    until(lambda: composed.models().get("iris") == "serving", "the site on PostgreSQL")
    assert composed.call(f"/api/v1/predictions/{made}")["id"] == made
    again = predict_iris(composed)
    rows = composed.compose(
        "exec", "-T", "db", "psql", "-U", "modeldesk", "-Atc", "select id from predictions order by id"
    )
    assert set(rows.split()) == {made, again}


def test_a_newer_image_takes_the_data_over(composed: Composed, tmp_path: Path) -> None:
    composed.up()
    publish_iris(composed)
    made = predict_iris(composed)

    newer = clean_clone(tmp_path / "newer")
    revisions = newer / "app/modeldesk/store/migrations/revisions"
    last = max(path.stem.split("_")[0] for path in revisions.glob("[0-9]*.py"))
    (revisions / "9999_later.py").write_text(
        f'"""A later release."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "9999"\ndown_revision = "{last}"\nbranch_labels = None\ndepends_on = None\n\n\n'
        'def upgrade() -> None:\n    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))\n'
    )
    run("docker", "build", "--network", "host", "-t", "modeldesk:newer", ".", cwd=newer)

    composed.write_env(IMAGE_TAG="newer")
    composed.up()
    until(lambda: composed.models().get("iris") == "serving", "the newer release")
    assert composed.call(f"/api/v1/predictions/{made}")["id"] == made
    read = (
        "import sqlite3; base = sqlite3.connect('/var/modeldesk/modeldesk.db');"
        "print(*base.execute('select version_num from alembic_version'))"
    )
    assert "9999" in composed.inside("python", "-c", read)

    composed.compose("stop", "web")
    composed.write_env(IMAGE_TAG="test")
    refused = run("sh", "-c", f"docker compose -p {composed.project} run --rm -T web 2>&1 || true", cwd=composed.folder)
    assert "9999" in refused and "Use the release that made it" in refused


@pytest.mark.parametrize("host", ["keeps.example.org", "strips.example.org"])
def test_below_a_path_behind_nginx(composed: Composed, host: str) -> None:
    composed.files = ("docker-compose.yml", "tests/container/nginx.yml")
    port = composed.port + 1
    composed.write_env(MODELDESK_URL_PREFIX="/modeldesk/", MODELDESK_ALLOWED_HOSTS=host, NGINX_PORT=str(port))
    composed.up()
    wait_for_examples(composed)
    predict_in_browser(f"http://{host}:{port}/modeldesk/", host)


def predict_in_browser(address: str, host: str) -> None:
    """A person opens the catalogue, chooses a model and predicts."""
    from selenium import webdriver
    from selenium.webdriver.common.by import By

    from tests.conftest import pytest_setup_options

    options = pytest_setup_options()
    options.add_argument(f"--host-resolver-rules=MAP {host} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost")
    driver = webdriver.Chrome(options=options)
    try:
        driver.get(address)
        until(lambda: driver.find_elements(By.LINK_TEXT, "Loan default"), "the catalogue", 30)[0].click()
        until(lambda: driver.find_elements(By.CSS_SELECTOR, '.md-predict[data-ready="true"]'), "the form", 30)
        driver.find_element(By.CSS_SELECTOR, ".md-predict-submit").click()
        until(lambda: driver.find_elements(By.CSS_SELECTOR, ".md-result-recorded"), "the recorded result", 30)
        assert not [line for line in driver.get_log("browser") if line["level"] == "SEVERE"]
    finally:
        driver.quit()
