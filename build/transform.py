"""Runs SAM's own transform, as CloudFormation does on a deployment, and writes what comes out as JSON.

Needs the Python environment that build/tools.sh makes. Usage: transform.py TEMPLATE RESULT
"""

import json
import sys

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator


def main(source, result):
    with open(source, encoding="utf-8") as f:
        template = yaml_parse(f.read())
    # The transform takes only what was uploaded; where to does not matter here.
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/code"
        if resource["Type"] == "AWS::CloudFormation::Stack":
            resource["Properties"]["TemplateURL"] = "https://bucket.s3.amazonaws.com/template"
    session = boto3.Session(region_name="eu-central-1")
    try:
        transformed = Translator({}, Parser(), boto_session=session).translate(template, {})
    except InvalidDocumentException as e:
        for cause in e.causes:
            print(cause.message, file=sys.stderr)
        return 1
    with open(result, "w", encoding="utf-8") as f:
        json.dump(transformed, f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
