"""Stands between Terraform and providers of AWS that go on running.

    provider.py BINARY TYPES COUNT

Terraform asks for the whole schema of its provider with each command: 1,526 types, which it reads for a
second. This hands on only the resources and data sources in the file TYPES, one a line, and asks for them
once. A type that is not there is refused by Terraform, so nothing is let through that a whole schema would
stop.

A provider keeps one configuration. COUNT of them run, so that a root with that many provider blocks finds
one for each: who configures gets the one that was not used for the longest time.

Prints what TF_REATTACH_PROVIDERS must hold, and stays.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from concurrent import futures

import grpc

SERVICE = "/tfplugin5.Provider/"
# https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin5.10.proto
# message GetProviderSchema.Response: maps by the name of a type.
RESOURCES, DATA_SOURCES = 2, 3
OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_http_proxy", 0),
]


def varint(data, at):
    """A number in base 128, and where the next thing begins."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def fields(data):
    """The fields of a message: their number, what they hold, and their bytes as they stand."""
    at = 0
    while at < len(data):
        start = at
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 2:
            size, at = varint(data, at)
            held, at = data[at : at + size], at + size
        elif kind == 0:
            held, at = varint(data, at)
        else:
            raise ValueError(f"wire type {kind} in a schema")
        yield tag >> 3, held, data[start:at]


def cut(schema, types):
    """The schema without the types that nobody writes."""
    kept = []
    for number, held, raw in fields(schema):
        if number in (RESOURCES, DATA_SOURCES):
            name = next(text for field, text, _ in fields(held) if field == 1)
            if name.decode() not in types:
                continue
        kept.append(raw)
    return b"".join(kept)


class Provider:
    """A process that runs, and the way to it."""

    def __init__(self, binary):
        said = tempfile.TemporaryFile()
        subprocess.Popen([binary, "-debug"], stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.DEVNULL)
        self.attach = self.wait(said)
        (told,) = self.attach.values()
        self.channel = grpc.insecure_channel(
            "unix:" + told["Addr"]["String"], OPTIONS + [("grpc.default_authority", "localhost")]
        )
        self.peer, self.used = None, 0.0

    @staticmethod
    def wait(said):
        for _ in range(1000):
            said.seek(0)
            found = re.search(rb"TF_REATTACH_PROVIDERS='([^']*)'", said.read())
            if found:
                return json.loads(found[1])
            time.sleep(0.02)
        sys.exit("the provider does not start")

    def call(self, method, request):
        self.used = time.monotonic()
        return self.channel.unary_unary(method)(request)


class Relay(grpc.GenericRpcHandler):
    """Answers for the schema, and hands everything else to the provider of whoever asks."""

    def __init__(self, providers, types):
        self.providers, self.types = providers, types
        self.schema, self.lock = None, threading.Lock()

    def service(self, details):
        method = details.method
        if not method.startswith(SERVICE):
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, asked: self.answer(method, request, asked))

    def answer(self, method, request, asked):
        name, peer = method.removeprefix(SERVICE), asked.peer()
        if name == "GetSchema":
            with self.lock:
                if self.schema is None:
                    self.schema = cut(self.providers[0].call(method, request), self.types)
                return self.schema
        try:
            return self.whose(peer, name == "Configure").call(method, request)
        except grpc.RpcError as error:
            asked.abort(error.code(), error.details())

    def whose(self, peer, configures):
        with self.lock:
            own = next((one for one in self.providers if one.peer == peer), None)
            if own is None and configures:
                own = min(self.providers, key=lambda one: one.used)
                own.peer, own.used = peer, time.monotonic()
            return own or self.providers[0]


def main():
    binary, types, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(types) as file:
        types = set(file.read().split())
    providers = [Provider(binary) for _ in range(count)]
    server = grpc.server(futures.ThreadPoolExecutor(32), options=OPTIONS)
    server.add_generic_rpc_handlers([Relay(providers, types)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    (source, told), = providers[0].attach.items()
    told |= {"Pid": os.getpid(), "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"}}
    print(json.dumps({source: told}), flush=True)
    server.wait_for_termination()


main()
