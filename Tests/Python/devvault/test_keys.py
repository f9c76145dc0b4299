"""azure-keyvault-keys, its CryptographyClient included."""

import hashlib
import json

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.keyvault.keys import JsonWebKey
from azure.keyvault.keys.crypto import CryptographyClient, EncryptionAlgorithm, KeyWrapAlgorithm, SignatureAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature, Prehashed


def test_create_get_versions(keys):
    first = keys.create_rsa_key("rsa-key", size=2048, tags={"a": "b"})
    second = keys.create_rsa_key("rsa-key", size=3072)
    assert first.key_type == "RSA" and first.key.n and first.key.e == b"\x01\x00\x01"
    assert len(second.key.n) == 384
    assert keys.get_key("rsa-key").properties.version == second.properties.version
    assert keys.get_key("rsa-key", first.properties.version).properties.tags == {"a": "b"}
    versions = {entry.version for entry in keys.list_properties_of_key_versions("rsa-key")}
    assert versions == {first.properties.version, second.properties.version}
    assert "rsa-key" in {entry.name for entry in keys.list_properties_of_keys()}


@pytest.mark.parametrize("curve, size", [("P-256", 32), ("P-384", 48), ("P-521", 66), ("P-256K", 32)])
def test_curves(keys, curve, size):
    key = keys.create_ec_key(f"ec-{curve}", curve=curve)
    assert (key.key_type, key.key.crv, len(key.key.x), len(key.key.y)) == ("EC", curve, size, size)
    assert key.key_operations == ["sign", "verify"]


def test_soft_delete_and_backup(keys):
    key = keys.create_ec_key("mortal-key")
    blob = keys.backup_key("mortal-key")
    keys.begin_delete_key("mortal-key").wait()
    with pytest.raises(ResourceExistsError):
        keys.create_ec_key("mortal-key")
    with pytest.raises(ResourceNotFoundError) as error:
        keys.get_key("mortal-key")
    assert error.value.error.code == "KeyNotFound"
    assert "mortal-key" in {entry.name for entry in keys.list_deleted_keys()}
    keys.begin_recover_deleted_key("mortal-key").wait()
    assert keys.get_key("mortal-key").id == key.id
    keys.begin_delete_key("mortal-key").wait()
    keys.purge_deleted_key("mortal-key")
    assert keys.restore_key_backup(blob).id == key.id


def test_update_and_disabled(dev_vault, credential, keys):
    key = keys.create_rsa_key("switch-key", size=2048)
    keys.update_key_properties("switch-key", enabled=False)
    assert keys.get_key("switch-key").properties.enabled is False
    crypto = CryptographyClient(key.id, credential, connection_verify=dev_vault.ca, retry_total=0)
    with pytest.raises(HttpResponseError) as error:
        crypto.decrypt(EncryptionAlgorithm.rsa_oaep, b"\0" * 256)
    assert json.loads(error.value.response.text())["error"]["innererror"]["code"] == "KeyDisabled"
    restricted = keys.update_key_properties("switch-key", enabled=True, key_operations=["sign"])
    assert restricted.key_operations == ["sign"]
    with pytest.raises(HttpResponseError) as error:
        crypto.decrypt(EncryptionAlgorithm.rsa_oaep, b"\0" * 256)
    assert error.value.status_code == 403


@pytest.mark.parametrize("algorithm", [EncryptionAlgorithm.rsa_oaep, EncryptionAlgorithm.rsa_oaep_256, EncryptionAlgorithm.rsa1_5])
def test_encryption(dev_vault, credential, keys, algorithm):
    key = keys.create_rsa_key("crypt", size=2048)
    crypto = CryptographyClient(key, credential, connection_verify=dev_vault.ca)
    # The client encrypts with the public part by itself, the vault decrypts: two implementations meet.
    sealed = crypto.encrypt(algorithm, b"plain \x00 text").ciphertext
    assert crypto.decrypt(algorithm, sealed).plaintext == b"plain \x00 text"
    with pytest.raises(HttpResponseError) as error:
        crypto.decrypt(algorithm, bytes([sealed[0] ^ 1]) + sealed[1:-1])
    assert error.value.status_code == 400


@pytest.mark.parametrize("algorithm", [KeyWrapAlgorithm.rsa_oaep, KeyWrapAlgorithm.rsa_oaep_256])
def test_wrapping(dev_vault, credential, keys, algorithm):
    key = keys.create_rsa_key("wrap", size=2048)
    crypto = CryptographyClient(key, credential, connection_verify=dev_vault.ca)
    wrapped = crypto.wrap_key(algorithm, b"k" * 32).encrypted_key
    assert crypto.unwrap_key(algorithm, wrapped).key == b"k" * 32


RSA_SIGNATURES = {
    SignatureAlgorithm.rs256: (hashes.SHA256(), False), SignatureAlgorithm.rs384: (hashes.SHA384(), False),
    SignatureAlgorithm.rs512: (hashes.SHA512(), False), SignatureAlgorithm.ps256: (hashes.SHA256(), True),
    SignatureAlgorithm.ps384: (hashes.SHA384(), True), SignatureAlgorithm.ps512: (hashes.SHA512(), True),
}


@pytest.mark.parametrize("algorithm", RSA_SIGNATURES)
def test_rsa_signatures(dev_vault, credential, keys, algorithm):
    key = keys.create_rsa_key("sign", size=2048)
    crypto = CryptographyClient(key.id, credential, connection_verify=dev_vault.ca)
    function, is_pss = RSA_SIGNATURES[algorithm]
    digest = hashlib.new(function.name, b"message").digest()
    signature = crypto.sign(algorithm, digest).signature
    public = rsa.RSAPublicNumbers(int.from_bytes(key.key.e, "big"), int.from_bytes(key.key.n, "big")).public_key()
    scheme = padding.PSS(padding.MGF1(function), function.digest_size) if is_pss else padding.PKCS1v15()
    public.verify(signature, digest, scheme, Prehashed(function))
    assert crypto.verify(algorithm, digest, signature).is_valid
    assert not crypto.verify(algorithm, hashlib.new(function.name, b"other").digest(), signature).is_valid


EC_SIGNATURES = {
    SignatureAlgorithm.es256: ("P-256", "sha256", ec.SECP256R1()), SignatureAlgorithm.es384: ("P-384", "sha384", ec.SECP384R1()),
    SignatureAlgorithm.es512: ("P-521", "sha512", ec.SECP521R1()), SignatureAlgorithm.es256_k: ("P-256K", "sha256", ec.SECP256K1()),
}


@pytest.mark.parametrize("algorithm", EC_SIGNATURES)
def test_ec_signatures(dev_vault, credential, keys, algorithm):
    curve, name, group = EC_SIGNATURES[algorithm]
    key = keys.create_ec_key(f"sign-{curve}", curve=curve)
    crypto = CryptographyClient(key.id, credential, connection_verify=dev_vault.ca)
    digest = hashlib.new(name, b"message").digest()
    signature = crypto.sign(algorithm, digest).signature
    half = len(signature) // 2
    point = ec.EllipticCurvePublicNumbers(int.from_bytes(key.key.x, "big"), int.from_bytes(key.key.y, "big"), group)
    der = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    function = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]
    point.public_key().verify(der, digest, ec.ECDSA(Prehashed(function)))
    assert crypto.verify(algorithm, digest, signature).is_valid


def numbers(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def test_import_rsa(dev_vault, credential, keys):
    private = rsa.generate_private_key(65537, 2048)
    parts = private.private_numbers()
    jwk = JsonWebKey(
        kty="RSA", key_ops=["sign", "verify"], n=numbers(parts.public_numbers.n), e=numbers(65537), d=numbers(parts.d),
        p=numbers(parts.p), q=numbers(parts.q), dp=numbers(parts.dmp1), dq=numbers(parts.dmq1), qi=numbers(parts.iqmp),
    )
    key = keys.import_key("imported-rsa", jwk)
    crypto = CryptographyClient(key.id, credential, connection_verify=dev_vault.ca)
    digest = hashlib.sha256(b"message").digest()
    signature = crypto.sign(SignatureAlgorithm.rs256, digest).signature
    private.public_key().verify(signature, digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
    jwk.d = numbers(parts.d ^ 2)
    with pytest.raises(HttpResponseError) as error:
        keys.import_key("imported-wrong", jwk)
    assert error.value.status_code == 400


def test_import_ec(dev_vault, credential, keys):
    private = ec.generate_private_key(ec.SECP256R1())
    parts = private.private_numbers()
    jwk = JsonWebKey(
        kty="EC", crv="P-256", key_ops=["sign", "verify"], x=parts.public_numbers.x.to_bytes(32, "big"),
        y=parts.public_numbers.y.to_bytes(32, "big"), d=parts.private_value.to_bytes(32, "big"),
    )
    key = keys.import_key("imported-ec", jwk)
    crypto = CryptographyClient(key.id, credential, connection_verify=dev_vault.ca)
    digest = hashlib.sha256(b"message").digest()
    assert crypto.verify(SignatureAlgorithm.es256, digest, crypto.sign(SignatureAlgorithm.es256, digest).signature).is_valid


def test_rotation(keys):
    from azure.keyvault.keys import KeyRotationLifetimeAction, KeyRotationPolicy, KeyRotationPolicyAction

    first = keys.create_ec_key("rotating")
    action = KeyRotationLifetimeAction(KeyRotationPolicyAction.rotate, time_after_create="P18M")
    policy = keys.update_key_rotation_policy("rotating", KeyRotationPolicy(expires_in="P48M", lifetime_actions=[action]))
    assert policy.expires_in == "P48M"
    assert keys.get_key_rotation_policy("rotating").lifetime_actions[0].time_after_create == "P18M"
    second = keys.rotate_key("rotating")
    assert second.properties.version != first.properties.version
    assert second.key.crv == first.key.crv


def test_bad_sizes(keys):
    with pytest.raises(HttpResponseError) as error:
        keys.create_rsa_key("small", size=1024)
    assert error.value.error.code == "BadParameter"
