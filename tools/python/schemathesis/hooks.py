"""Signs Schemathesis in. Nothing here changes, drops or repeats what the server answers."""

import http.client
import itertools
import json
import os
import urllib.request

import schemathesis

BASE = os.environ["DHCHAT_BASE_URL"]
# What the document gives as an example, so that its examples of passwords are right ones.
PASSWORD = "correct horse 7 battery"
PUBLIC_KEY = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
# After these somebody else has to sign in: the token, the cookie or the password is another.
SPOILING = {"logOut", "revoke", "refresh", "endLogin", "changePassword", "removeAccount"}

numbers = itertools.count(1)


class Person:
    """Somebody who has just registered."""

    def __init__(self):
        body = {
            "username": f"alice-{next(numbers)}",
            "password": PASSWORD,
            "identity_pub_key": PUBLIC_KEY,
        }
        request = urllib.request.Request(
            BASE + "/api/auth/register",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            self.token = json.load(answer)["token"]
            cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.refresh_token = cookie.partition("=")[2]


class Present:
    """Who signs in at the moment."""

    person = None


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Puts the token and the cookie of whoever is present on a request."""

    def get(self, case, context):
        Present.person = Present.person or Person()
        return Present.person

    def set(self, case, person, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {person.token}"
        case.cookies = case.cookies or {}
        case.cookies["refresh_token"] = person.refresh_token


@schemathesis.hook
def after_call(context, case, response):
    """Lets the next person come when this one's credentials have been used up."""
    name = case.operation.definition.raw.get("operationId")
    if name in SPOILING and response.status_code < 400:
        Present.person = None


def ends_http(response, keeps_on=http.client.HTTPResponse._check_close):
    """After a 101 a connection speaks something else; Python's client would send on it again."""
    return response.status == 101 or keeps_on(response)


http.client.HTTPResponse._check_close = ends_http
