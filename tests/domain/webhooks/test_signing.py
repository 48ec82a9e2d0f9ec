"""Signatures as Standard Webhooks has them."""

import base64

from mccs_graphql.domain.webhooks.signing import new_secret, shown, signature


def test_published_example_of_standard_webhooks() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    message_id, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'

    found = signature(secret, message_id=message_id, timestamp=1614265330, body=body)

    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_differ_and_say_what_they_are() -> None:
    first, second = shown(new_secret()), shown(new_secret())

    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
