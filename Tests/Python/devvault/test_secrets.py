"""azure-keyvault-secrets."""

import datetime
import json

import pytest
import requests
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.keyvault.secrets import ApiVersion, SecretClient
from conftest import READER, client_of, credential_for


def inner(error):
    return json.loads(error.value.response.text())["error"].get("innererror", {}).get("code")


def test_set_get_versions(secrets):
    first = secrets.set_secret("db-password", "one", tags={"team": "shop"}, content_type="text/plain")
    second = secrets.set_secret("db-password", "zwei: \u00e4\u20ac\U0001f511\n")
    assert first.properties.version != second.properties.version
    assert secrets.get_secret("db-password").value == "zwei: \u00e4\u20ac\U0001f511\n"
    assert secrets.get_secret("DB-Password").value == "zwei: \u00e4\u20ac\U0001f511\n"
    old = secrets.get_secret("db-password", first.properties.version)
    assert (old.value, old.properties.tags, old.properties.content_type) == ("one", {"team": "shop"}, "text/plain")
    assert old.properties.recovery_level == "Recoverable+Purgeable"
    assert old.properties.recoverable_days == 90
    listed = {entry.version for entry in secrets.list_properties_of_secret_versions("db-password")}
    assert listed == {first.properties.version, second.properties.version}


def test_missing(secrets):
    with pytest.raises(ResourceNotFoundError) as error:
        secrets.get_secret("absent")
    assert error.value.error.code == "SecretNotFound"
    secrets.set_secret("present", "x")
    with pytest.raises(ResourceNotFoundError):
        secrets.get_secret("present", "0" * 32)


def test_disable_and_update(secrets):
    version = secrets.set_secret("switch", "on").properties.version
    expires = datetime.datetime(2031, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    updated = secrets.update_secret_properties("switch", version, enabled=False, expires_on=expires, tags={"a": "b"})
    assert (updated.enabled, updated.expires_on, updated.tags) == (False, expires, {"a": "b"})
    with pytest.raises(HttpResponseError) as error:
        secrets.get_secret("switch")
    assert error.value.status_code == 403
    assert inner(error) == "SecretDisabled"
    assert "not allowed on a disabled secret" in error.value.message
    secrets.update_secret_properties("switch", enabled=True)
    assert secrets.get_secret("switch").value == "on"


def test_expired_is_still_answered(secrets):
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    secrets.set_secret("expired", "old", expires_on=past)
    assert secrets.get_secret("expired").value == "old"


def test_soft_delete(secrets):
    secrets.set_secret("mortal", "soul")
    deleted = secrets.begin_delete_secret("mortal").result()
    assert deleted.recovery_id.endswith("/deletedsecrets/mortal")
    assert (deleted.scheduled_purge_date - deleted.deleted_date).days == 90
    with pytest.raises(ResourceNotFoundError):
        secrets.get_secret("mortal")
    with pytest.raises(ResourceExistsError) as error:
        secrets.set_secret("mortal", "again")
    assert inner(error) == "ObjectIsDeletedButRecoverable"
    assert secrets.get_deleted_secret("mortal").name == "mortal"
    assert "mortal" in {entry.name for entry in secrets.list_deleted_secrets()}
    secrets.begin_recover_deleted_secret("mortal").wait()
    assert secrets.get_secret("mortal").value == "soul"
    secrets.begin_delete_secret("mortal").wait()
    secrets.purge_deleted_secret("mortal")
    with pytest.raises(ResourceNotFoundError):
        secrets.get_deleted_secret("mortal")
    secrets.set_secret("mortal", "reborn")
    assert secrets.get_secret("mortal").value == "reborn"


def test_backup(secrets):
    secrets.set_secret("kept", "one")
    secrets.set_secret("kept", "two")
    blob = secrets.backup_secret("kept")
    with pytest.raises(ResourceExistsError):
        secrets.restore_secret_backup(blob)
    secrets.begin_delete_secret("kept").wait()
    secrets.purge_deleted_secret("kept")
    assert secrets.restore_secret_backup(blob).name == "kept"
    assert secrets.get_secret("kept").value == "two"
    assert len(list(secrets.list_properties_of_secret_versions("kept"))) == 2
    with pytest.raises(HttpResponseError) as error:
        secrets.restore_secret_backup(blob[:-1] + bytes([blob[-1] ^ 1]))
    assert error.value.status_code == 400


def test_paging(secrets):
    names = {f"page-{index:02}" for index in range(30)}
    for name in names:
        secrets.set_secret(name, "x")
    found = [entry.name for entry in secrets.list_properties_of_secrets(max_page_size=7)]
    assert names <= set(found)
    assert len(found) == len(set(found))
    default = [entry.name for entry in secrets.list_properties_of_secrets()]
    assert default == found


def test_limits(secrets):
    secrets.set_secret("large", "x" * 25600)
    with pytest.raises(HttpResponseError) as error:
        secrets.set_secret("large", "x" * 25601)
    assert error.value.status_code == 400
    with pytest.raises(HttpResponseError) as error:
        secrets.set_secret("bad_name", "x")
    assert error.value.error.code == "BadParameter"


@pytest.mark.parametrize("version", [version.value for version in ApiVersion if version.value != "2016-10-01"])
def test_api_versions(dev_vault, credential, version):
    client = client_of(SecretClient, dev_vault, credential, api_version=version)
    client.set_secret("versioned-api", version)
    secret = client.get_secret("versioned-api")
    assert secret.value == version
    assert secret.properties.recoverable_days == (None if version == "7.0" else 90)


def test_unknown_api_version(dev_vault, credential):
    client = client_of(SecretClient, dev_vault, credential, api_version="6.9")
    with pytest.raises(HttpResponseError) as error:
        client.get_secret("x")
    assert error.value.error.code == "BadParameter"


def test_rights(dev_vault, token_file, secrets):
    secrets.set_secret("readable", "yes")
    reader = client_of(SecretClient, dev_vault, credential_for(dev_vault, token_file, READER))
    assert reader.get_secret("readable").value == "yes"
    with pytest.raises(HttpResponseError) as error:
        reader.set_secret("readable", "no")
    assert (error.value.status_code, inner(error)) == (403, "ForbiddenByRbac")
    assert "Microsoft.KeyVault/vaults/secrets/setSecret/action" in error.value.message
    with pytest.raises(HttpResponseError) as error:
        list(reader.list_properties_of_secrets())
    assert inner(error) == "ForbiddenByRbac"


def test_access_policies(dev_vault, credential):
    other = client_of(SecretClient, dev_vault, credential, name="other")
    with pytest.raises(HttpResponseError) as error:
        other.get_secret("anything")
    assert (error.value.status_code, inner(error)) == (403, "ForbiddenByPolicy")
    assert "does not have secrets get permission on key vault 'other;" in error.value.message


def test_challenge(dev_vault):
    answer = requests.get(dev_vault.url() + "/secrets/x?api-version=7.4", verify=dev_vault.ca, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer authorization="https://localhost:{dev_vault.port}/11111111-2222-3333-4444-555555555555", '
        f'resource="https://vault.localhost:{dev_vault.port}"'
    )
    assert answer.json() == {"error": {"code": "Unauthorized", "message": "Request is missing a Bearer or PoP token."}}


def test_tokens_that_are_not_ours(dev_vault, issuer):
    def get(token):
        return requests.get(
            dev_vault.url() + "/secrets/x?api-version=7.4",
            headers={"Authorization": f"Bearer {token}"},
            verify=dev_vault.ca,
            timeout=30,
        )

    assert get(issuer.token()).status_code == 401
    assert get("rubbish").status_code == 401
    good = dev_vault.exchange(issuer.token()).json()["access_token"]
    assert get(good).status_code == 404
    head, body, signature = good.split(".")
    assert get(f"{head}.{body}.{signature[:-8]}AAAAAAAA").status_code == 401


def test_expired_access_token(make_vault, issuer):
    vault = make_vault(tokenLifetime=0)
    token = vault.exchange(issuer.token()).json()["access_token"]
    answer = requests.get(
        vault.url() + "/secrets/x?api-version=7.4",
        headers={"Authorization": f"Bearer {token}"}, verify=vault.ca, timeout=30,
    )
    assert answer.status_code == 401
    assert "TokenExpired" in answer.text


def test_throttling_and_retry_after(dev_vault, credential, secrets):
    secrets.set_secret("busy", "x")
    dev_vault.control("PUT", "faults", {"vault": {"throttleNext": 1, "retryAfter": 3}})
    with pytest.raises(HttpResponseError) as error:
        secrets.get_secret("busy")
    assert error.value.status_code == 429
    assert error.value.error.code == "Throttled"
    assert error.value.response.headers["Retry-After"] == "3"
    assert secrets.get_secret("busy").value == "x"
    dev_vault.control("PUT", "faults", {"vault": {"throttleNext": 2, "retryAfter": 0}})
    patient = client_of(SecretClient, dev_vault, credential, retry_total=3, retry_backoff_factor=0.01)
    assert patient.get_secret("busy").value == "x"


def test_outages(dev_vault, secrets):
    secrets.set_secret("flaky", "x")
    for outage, status in (("unavailable", 503), ("failure", 500)):
        dev_vault.control("PUT", "faults", {"vault": {"outage": outage, "outageRequests": 1}})
        with pytest.raises(HttpResponseError) as error:
            secrets.get_secret("flaky")
        assert error.value.status_code == status
    for outage in ("reset", "truncated"):
        dev_vault.control("PUT", "faults", {"vault": {"outage": outage, "outageRequests": 1}})
        with pytest.raises(Exception) as error:
            secrets.get_secret("flaky")
        assert not isinstance(error.value, HttpResponseError) or error.value.status_code is None
    assert secrets.get_secret("flaky").value == "x"


def test_entra_outage(dev_vault, token_file):
    dev_vault.control("PUT", "faults", {"entra": {"throttleNext": 100}})
    try:
        with pytest.raises((ClientAuthenticationError, HttpResponseError, ValueError)):
            credential_for(dev_vault, token_file).get_token("https://vault.azure.net/.default")
    finally:
        dev_vault.control("DELETE", "faults")


def test_control_needs_its_token(dev_vault):
    answer = requests.get(f"{dev_vault.authority}/_devvault/requests", verify=dev_vault.ca, timeout=30)
    assert answer.status_code == 404


def test_records_hold_no_values(dev_vault, secrets):
    dev_vault.control("DELETE", "requests")
    secrets.set_secret("noted", "a-very-secret-value")
    records = dev_vault.control("GET", "requests")
    assert {"method": "PUT", "path": "/secrets/noted", "status": 200} == {
        name: records[-1][name] for name in ("method", "path", "status")
    }
    assert "a-very-secret-value" not in json.dumps(records)


def test_state_survives_a_restart(make_vault, issuer, token_file):
    vault = make_vault()
    client_of(SecretClient, vault, credential_for(vault, token_file)).set_secret("durable", "stone")
    vault.process.kill()
    vault.process.wait()
    again = make_vault()
    assert again.ca == vault.ca
    assert client_of(SecretClient, again, credential_for(again, token_file)).get_secret("durable").value == "stone"
    assert (again.folder / "vault.json").stat().st_mode & 0o777 == 0o600


def test_a_kill_loses_nothing_that_was_acknowledged(make_vault, token_file):
    """SIGKILL while writes run, three times over: the state is whole, and holds every write that got its answer."""
    import threading

    acknowledged = []
    for round_ in range(3):
        vault = make_vault()
        client = client_of(SecretClient, vault, credential_for(vault, token_file))
        enough = threading.Event()

        def write():
            for index in range(10_000):
                name = f"round-{round_}-{index}"
                try:
                    client.set_secret(name, name)
                except Exception:
                    return
                acknowledged.append(name)
                if index == 5:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(60)
        vault.process.kill()
        vault.process.wait()
        writer.join(60)
    vault = make_vault()
    client = client_of(SecretClient, vault, credential_for(vault, token_file))
    assert set(acknowledged) <= {entry.name for entry in client.list_properties_of_secrets()}
    assert client.get_secret(acknowledged[-1]).value == acknowledged[-1]
