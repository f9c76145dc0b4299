"""azure-keyvault-certificates, and the secret and key that come with a certificate."""

import base64
import datetime

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.keyvault.certificates import (
    CertificateContact,
    CertificateContentType,
    CertificatePolicy,
    WellKnownIssuerNames,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID


def policy(content_type=CertificateContentType.pkcs12, **options):
    return CertificatePolicy(
        WellKnownIssuerNames.self, subject="CN=shop.example", san_dns_names=["shop.example", "www.shop.example"],
        content_type=content_type, **options,
    )


def test_create_pkcs12(certificates, secrets, keys):
    made = certificates.begin_create_certificate("web", policy()).result()
    leaf = x509.load_der_x509_certificate(bytes(made.cer))
    assert leaf.subject.rfc4514_string() == "CN=shop.example"
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["shop.example", "www.shop.example"]
    secret = secrets.get_secret("web")
    assert secret.properties.content_type == "application/x-pkcs12"
    assert secret.properties._managed if hasattr(secret.properties, "_managed") else secret.properties.managed
    key, certificate, others = pkcs12.load_key_and_certificates(base64.b64decode(secret.value), b"")
    assert certificate.public_bytes(serialization.Encoding.DER) == bytes(made.cer)
    assert key.public_key().public_numbers() == leaf.public_key().public_numbers()
    assert others == []
    assert secret.properties.version == made.properties.version
    assert keys.get_key("web").key.n == key.public_key().public_numbers().n.to_bytes(256, "big")
    assert made.properties.x509_thumbprint == leaf.fingerprint(hashes.SHA1())
    assert certificates.get_certificate_operation("web").status == "completed"


def test_create_pem_with_elliptic_key(certificates, secrets):
    certificates.begin_create_certificate(
        "web-pem", policy(CertificateContentType.pem, key_type="EC", key_curve_name="P-256")
    ).wait()
    text = secrets.get_secret("web-pem").value
    assert text.startswith("-----BEGIN PRIVATE KEY-----\n")
    key = serialization.load_pem_private_key(text.encode(), None)
    leaf = x509.load_pem_x509_certificates(text.encode())[0]
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key().public_numbers() == leaf.public_key().public_numbers()


def authority(name, issuer=None):
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1)).not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.BasicConstraints(name != "leaf", None), True)
    )
    return key, builder.sign(issuer[0] if issuer else key, hashes.SHA256())


def chain():
    root = authority("root")
    middle = authority("middle", root)
    leaf = authority("leaf", middle)
    return leaf, middle, root


@pytest.mark.parametrize("password", [None, "pass w\u00f6rd"])
def test_import_pfx(certificates, secrets, password):
    (key, leaf), (_, middle), (_, root) = chain()
    protection = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    data = pkcs12.serialize_key_and_certificates(b"x", key, leaf, [root, middle], protection)
    name = "import-pfx" + ("-locked" if password else "")
    made = certificates.import_certificate(name, data, password=password)
    assert bytes(made.cer) == leaf.public_bytes(serialization.Encoding.DER)
    value = base64.b64decode(secrets.get_secret(name).value)
    again, certificate, others = pkcs12.load_key_and_certificates(value, b"")
    assert again.private_numbers() == key.private_numbers()
    assert certificate == leaf
    assert set(others) == {middle, root}


def test_import_pem_orders_the_chain(certificates, secrets):
    (key, leaf), (_, middle), (_, root) = chain()
    pem = b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in (root, leaf, middle))
    pem += key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificates.import_certificate(
        "import-pem", pem, policy=CertificatePolicy(WellKnownIssuerNames.unknown, content_type=CertificateContentType.pem)
    )
    text = secrets.get_secret("import-pem").value.encode()
    assert x509.load_pem_x509_certificates(text) == [leaf, middle, root]
    assert serialization.load_pem_private_key(text, None).private_numbers() == key.private_numbers()


def test_import_rubbish(certificates):
    for data, password in ((b"rubbish", None), (b"\x30\x03\x02\x01\x00", None)):
        with pytest.raises(HttpResponseError) as error:
            certificates.import_certificate("rubbish", data, password=password)
        assert error.value.status_code == 400


def test_versions_policy_update(certificates):
    first = certificates.begin_create_certificate("versions", policy()).result()
    second = certificates.begin_create_certificate("versions", policy(validity_in_months=3)).result()
    assert first.properties.version != second.properties.version
    listed = {entry.version for entry in certificates.list_properties_of_certificate_versions("versions")}
    assert listed == {first.properties.version, second.properties.version}
    assert "versions" in {entry.name for entry in certificates.list_properties_of_certificates()}
    old = certificates.get_certificate_version("versions", first.properties.version)
    assert old.cer == first.cer
    assert certificates.get_certificate_policy("versions").validity_in_months == 3
    changed = certificates.update_certificate_policy("versions", policy(validity_in_months=8))
    assert changed.validity_in_months == 8
    off = certificates.update_certificate_properties("versions", enabled=False, tags={"x": "y"})
    assert (off.properties.enabled, off.properties.tags) == (False, {"x": "y"})


def test_soft_delete_takes_key_and_secret_along(certificates, secrets, keys):
    certificates.begin_create_certificate("mortal-cert", policy()).wait()
    with pytest.raises(HttpResponseError) as error:
        secrets.begin_delete_secret("mortal-cert")
    assert error.value.status_code == 403
    blob = certificates.backup_certificate("mortal-cert")
    certificates.begin_delete_certificate("mortal-cert").wait()
    for get in (certificates.get_certificate, secrets.get_secret, keys.get_key):
        with pytest.raises(ResourceNotFoundError):
            get("mortal-cert")
    assert "mortal-cert" in {entry.name for entry in certificates.list_deleted_certificates()}
    certificates.begin_recover_deleted_certificate("mortal-cert").wait()
    value = secrets.get_secret("mortal-cert").value
    certificates.begin_delete_certificate("mortal-cert").wait()
    certificates.purge_deleted_certificate("mortal-cert")
    certificates.restore_certificate_backup(blob)
    assert secrets.get_secret("mortal-cert").value == value


def test_issuers_and_contacts(certificates):
    certificates.create_issuer("issuer-1", "Test", account_id="user", password="never shown")
    issuer = certificates.get_issuer("issuer-1")
    assert (issuer.provider, issuer.account_id, issuer.password) == ("Test", "user", None)
    assert "issuer-1" in {entry.name for entry in certificates.list_properties_of_issuers()}
    certificates.delete_issuer("issuer-1")
    with pytest.raises(ResourceNotFoundError):
        certificates.get_issuer("issuer-1")
    certificates.set_contacts([CertificateContact(email="a@example.org", name="A")])
    assert [contact.email for contact in certificates.get_contacts()] == ["a@example.org"]
    certificates.delete_contacts()
    with pytest.raises(ResourceNotFoundError):
        certificates.get_contacts()
