"""Says in each token whose user it is, before Cognito signs it.

TENANT: all users of the pool are those of this tenant, wherever they signed in.
CLIENTS: users of many tenants are in the pool. Each says his tenant in an attribute that
nobody can change, and a parameter below CLIENTS says whose the application is. Both must be
the same, or nobody is let in.
"""
import json
import os

import boto3


class Refused(Exception):
    """Cognito shows the text to whoever signs in, so it says nothing of others."""


def whose(client_id, clients, ssm):
    """The tenant of an application, or None."""
    try:
        return ssm.get_parameter(Name=clients + client_id)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None


def tenant_of(event, env, ssm):
    fixed = env.get("TENANT")
    if fixed:
        return fixed
    client_id = event["callerContext"]["clientId"]
    own = event["request"]["userAttributes"].get("custom:tenant")
    # Nobody is let in without a tenant, not even where the application has none.
    if not own or own != whose(client_id, env["CLIENTS"], ssm):
        print(json.dumps({"refused": event.get("userName"), "client": client_id, "tenant": own}))
        raise Refused("not a user of this application")
    return own


def handle(event, env, ssm):
    tenant = {"claimsToAddOrOverride": {"tenant": tenant_of(event, env, ssm)}}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "idTokenGeneration": tenant,
        "accessTokenGeneration": tenant,
    }
    return event


def handler(event, context):
    return handle(event, os.environ, boto3.client("ssm"))
