"""AWS for the tests of docs/deploy.md and docs/operate.md: moto for the services, stacks.py for what moto's CloudFormation lacks, and
functions that run. Usage: emulator.py PORT FOLDER, with IADE_INVOKER saying where functions are run (emulator_test.go).

A function's code is kept in FOLDER by its digest. Whoever asks for code gets a link here.
"""

import base64
import io
import json
import os
import re
import sys
import threading
import traceback
import urllib.parse
import urllib.request
import zipfile
from xml.sax.saxutils import escape

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

PORT, FOLDER = int(sys.argv[1]), sys.argv[2]
HERE = f"http://127.0.0.1:{PORT}"
os.environ |= {"AWS_ENDPOINT_URL": HERE, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "eu-central-1"}

from resources import client, digest  # noqa: E402  the endpoint above is theirs
from stacks import Stacks  # noqa: E402
from templates import Refused  # noqa: E402


default_user_config["lambda"]["use_docker"] = False  # functions are run by the test


def xml(value):
    if isinstance(value, dict):
        return "".join(f"<{k}>{xml(v)}</{k}>" for k, v in value.items() if v is not None)
    if isinstance(value, list):
        return "".join(f"<member>{xml(v)}</member>" for v in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(value.isoformat() if hasattr(value, "isoformat") else str(value))


def unflattened(form):
    """Parameters.member.1.ParameterKey=… as a list of mappings."""
    root = {}
    for path, (value,) in form.items():
        node, parts = root, path.split(".")
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = value

    def tidy(node):
        if not isinstance(node, dict):
            return node
        if "member" in node:
            return [tidy(v) for _, v in sorted(node["member"].items(), key=lambda x: int(x[0]))]
        return {k: tidy(v) for k, v in node.items()}

    return tidy(root)


class Emulator:
    def __init__(self):
        self.moto, self.stacks, self.changing = DomainDispatcherApplication(create_backend_app), Stacks(), threading.RLock()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        scope = re.search(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        service = scope.group(1) if scope else ""
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])) if environ.get("CONTENT_LENGTH") else None
        if body is not None:
            environ["wsgi.input"] = io.BytesIO(body)
        try:
            if path.startswith("/_code/"):
                return answer(start_response, "200 OK", "application/zip", open(os.path.join(FOLDER, os.path.basename(path) + ".zip"), "rb").read())
            if service == "cloudformation":
                return self.cloudformation(body, start_response)
            if service == "lambda":
                return self.functions(environ, path, body, start_response)
        except Refused as e:
            return answer(start_response, "400 Bad Request", "text/xml", refusal(e))
        except Exception:
            traceback.print_exc()
            return answer(start_response, "500 Internal Server Error", "text/plain", traceback.format_exc().encode())
        return self.moto(environ, start_response)

    def cloudformation(self, body, start_response):
        request = unflattened(urllib.parse.parse_qs(body.decode(), keep_blank_values=True))
        action = request.pop("Action")
        request.pop("Version", None)
        if not hasattr(self.stacks, action):
            raise Refused(f"the stand-in knows no {action}")
        with self.changing:
            result = xml(getattr(self.stacks, action)(request))
        text = (f'<{action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><{action}Result>{result}</{action}Result>'
                f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>")
        return answer(start_response, "200 OK", "text/xml", text.encode())

    def functions(self, environ, path, body, start_response):
        invoked = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations", path)
        if invoked:
            qualifier = urllib.parse.parse_qs(environ["QUERY_STRING"]).get("Qualifier", [None])[0]
            return self.invoke(invoked.group(1), qualifier, body, start_response)
        if environ["REQUEST_METHOD"] in ("POST", "PUT") and (path == "/2015-03-31/functions" or path.endswith("/code")):
            keep_code(json.loads(body))
        if environ["REQUEST_METHOD"] == "GET" and re.fullmatch(r"/2015-03-31/functions/[^/]+", path):
            return self.with_link(environ, start_response)
        return self.moto(environ, start_response)

    def with_link(self, environ, start_response):
        """moto's answer, with a link to the code that leads somewhere."""
        said = {}
        body = b"".join(self.moto(environ, lambda status, headers, _=None: said.update(status=status)))
        if said["status"].startswith("200"):
            function = json.loads(body)
            function["Code"]["Location"] = f"{HERE}/_code/{file_name(function['Configuration']['CodeSha256'])}"
            body = json.dumps(function).encode()
        return answer(start_response, said["status"], "application/json", body)

    def invoke(self, name, qualifier, event, start_response):
        named = {"Qualifier": qualifier} if qualifier else {}
        try:
            function = client("lambda").get_function_configuration(FunctionName=name, **named)
        except Exception as e:  # no such function or version
            return answer(start_response, "404 Not Found", "application/json", json.dumps({"Message": str(e)}).encode())
        variables = function.get("Environment", {}).get("Variables", {})
        request = {"Code": os.path.join(FOLDER, file_name(function["CodeSha256"])), "Variables": variables, "Timeout": function["Timeout"],
                   "Architecture": function["Architectures"][0], "Event": (event or b"null").decode()}
        with urllib.request.urlopen(os.environ["IADE_INVOKER"], json.dumps(request).encode(), timeout=120) as response:
            outcome = json.load(response)
        start_response("200 OK", [("Content-Type", "application/json"), ("X-Amz-Executed-Version", function["Version"])]
                       + ([("X-Amz-Function-Error", "Unhandled")] if outcome["Failed"] else []))
        return [outcome["Answer"].encode()]


def file_name(sha256):
    return sha256.replace("/", "_").replace("+", "-").rstrip("=")


def keep_code(request):
    code = request.get("Code", request)
    if "ZipFile" in code:
        data = base64.b64decode(code["ZipFile"])
    else:
        data = client("s3").get_object(Bucket=code["S3Bucket"], Key=code["S3Key"])["Body"].read()
    name = os.path.join(FOLDER, file_name(base64.b64encode(digest(data)).decode()))
    if not os.path.exists(name):
        with open(name + ".zip", "wb") as f:
            f.write(data)
        with zipfile.ZipFile(io.BytesIO(data)) as z, open(name, "wb") as f:
            f.write(z.read("bootstrap"))
        os.chmod(name, 0o700)


def refusal(e):
    return f"<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>{escape(str(e))}</Message></Error><RequestId>1</RequestId></ErrorResponse>".encode()


def answer(start_response, status, kind, body):
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


if __name__ == "__main__":
    run_simple("127.0.0.1", PORT, Emulator(), threaded=True, request_handler=Quiet)
