"""Templates as CloudFormation reads them: SAM's own transform, parameters with their constraints, rules, conditions, functions."""

import copy
import datetime
import json
import re

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator


class Refused(Exception):
    """What CloudFormation answers with a ValidationError."""


class _Loader(yaml.SafeLoader):
    pass


def _tag(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if tag == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {tag if tag in ("Ref", "Condition") else "Fn::" + tag: value}


_Loader.add_multi_constructor("!", _tag)


def _plain(value):
    """YAML takes 2012-10-17 for a date; a template has none."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def load(body):
    return _plain(yaml.load(body, Loader=_Loader))  # the loader is a safe one


def transformed(template, parameters):
    """What the transform makes of a template, with the parameters as CloudFormation gives them to it."""
    if "Transform" not in template:
        return template
    if template["Transform"] != "AWS::Serverless-2016-10-31":
        raise Refused(f"no transform named {template['Transform']}")
    source = copy.deepcopy(template)
    session = boto3.Session(region_name="eu-central-1")
    try:
        return Translator({}, Parser(), boto_session=session).translate(source, dict(parameters))
    except InvalidDocumentException as e:
        raise Refused("Transform AWS::Serverless-2016-10-31 failed: " + "; ".join(c.message for c in e.causes)) from e


def parameters(template, given):
    """Every parameter's value, or a refusal as CloudFormation words it."""
    declared, values = template.get("Parameters", {}), {}
    if unknown := set(given) - set(declared):
        raise Refused(f"Parameters: {sorted(unknown)} do not exist in the template")
    for name, rule in declared.items():
        if name not in given and "Default" not in rule:
            raise Refused(f"Parameters: [{name}] must have values")
        value = str(given[name] if name in given else rule["Default"])
        allowed = [str(a) for a in rule.get("AllowedValues", [value])]
        fits = value in allowed and rule.get("MinLength", 0) <= len(value) <= rule.get("MaxLength", 4096)
        if rule["Type"] == "Number":
            fits = fits and float(rule.get("MinValue", value)) <= float(value) <= float(rule.get("MaxValue", value))
        if not fits or not re.fullmatch(rule.get("AllowedPattern", "(?s).*"), value):
            raise Refused(f"Parameter '{name}' failed to satisfy constraint: {rule.get('ConstraintDescription', rule.get('AllowedPattern', allowed))}")
        values[name] = value
    for rule in template.get("Rules", {}).values():
        context = Context(template, values, {}, {})
        if context.condition_of(rule.get("RuleCondition", {"Fn::Equals": ["", ""]})):
            for assertion in rule["Assertions"]:
                if not context.condition_of(assertion["Assert"]):
                    raise Refused("Template validation error: " + assertion["AssertDescription"])
    return values


NO_VALUE = object()


class Context:
    """Evaluates a template's values. resources holds what is made: logical id to {"ref": …, "attributes": {…}}."""

    def __init__(self, template, values, pseudo, resources):
        self.template, self.values, self.pseudo, self.resources = template, values, pseudo, resources

    def condition(self, name):
        return self.condition_of(self.template["Conditions"][name])

    def condition_of(self, value):
        ((name, argument),) = value.items()
        match name:
            case "Condition":
                return self.condition(argument)
            case "Fn::Not":
                return not self.condition_of(argument[0])
            case "Fn::And":
                return all(self.condition_of(a) for a in argument)
            case "Fn::Or":
                return any(self.condition_of(a) for a in argument)
            case "Fn::Equals":
                return self.value(argument[0]) == self.value(argument[1])
            case "Fn::EachMemberEquals":
                return all(member == argument[1] for member in self.value(argument[0]))
        raise Refused(f"no condition {name}")

    def ref(self, name):
        if name in self.values:
            value = self.values[name]
            return value.split(",") if self.template["Parameters"][name]["Type"] == "CommaDelimitedList" else value
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        return self.resources[name]["ref"]

    def attribute(self, path):
        name, attribute = path if isinstance(path, list) else path.split(".", 1)
        return self.resources[name]["attributes"][attribute]

    def value(self, v):
        if isinstance(v, list):
            return [x for x in map(self.value, v) if x is not NO_VALUE]
        if not isinstance(v, dict):
            return v
        if len(v) == 1:
            ((name, argument),) = v.items()
            if name == "Ref":
                return self.ref(argument)
            if name.startswith("Fn::"):
                return self.call(name, argument)
        return {k: x for k, x in ((k, self.value(x)) for k, x in v.items()) if x is not NO_VALUE}

    def call(self, name, argument):
        match name:
            case "Fn::GetAtt":
                return self.attribute(argument)
            case "Fn::If":
                return self.value(argument[1] if self.condition(argument[0]) else argument[2])
            case "Fn::Join":
                return argument[0].join(self.value(argument[1]))
            case "Fn::Split":
                return self.value(argument[1]).split(argument[0])
            case "Fn::Select":
                return self.value(argument[1])[int(argument[0])]
            case "Fn::Sub":
                text, own = argument if isinstance(argument, list) else (argument, {})
                own = self.value(own)

                def substitute(match):
                    key = match.group(1)
                    if key in own:
                        return str(own[key])
                    return str(self.attribute(key) if "." in key else self.ref(key))

                return re.sub(r"\$\{([^!}]+)\}", substitute, text)
        raise Refused(f"no function {name}")

    def names(self, v):
        """The resources that a value refers to, on the branches that its conditions take."""
        if isinstance(v, list):
            return set().union(*map(self.names, v)) if v else set()
        if not isinstance(v, dict):
            return set()
        found = set()
        for name, argument in v.items():
            match name:
                case "Ref":
                    found.add(argument)
                case "Fn::GetAtt":
                    found.add(argument[0] if isinstance(argument, list) else argument.split(".")[0])
                case "Fn::If":
                    found |= self.names(argument[1] if self.condition(argument[0]) else argument[2])
                case "Fn::Sub":
                    text, own = argument if isinstance(argument, list) else (argument, {})
                    found |= {key.split(".")[0] for key in re.findall(r"\$\{([^!}]+)\}", text)} | self.names(own)
                case _:
                    found |= self.names(argument)
        return found & set(self.template["Resources"])

    def order(self):
        """The resources whose conditions hold, each after what it refers to and depends on."""
        done, on_the_way = [], set()

        def visit(name):
            resource = self.template["Resources"][name]
            if name in done or ("Condition" in resource and not self.condition(resource["Condition"])):
                return
            if name in on_the_way:
                raise Refused(f"Circular dependency between resources: {sorted(on_the_way)}")
            on_the_way.add(name)
            depends = resource.get("DependsOn", [])
            for other in sorted(self.names(resource.get("Properties", {})) | set([depends] if isinstance(depends, str) else depends)):
                visit(other)
            on_the_way.discard(name)
            done.append(name)

        for name in self.template["Resources"]:
            visit(name)
        return done


def as_json(value):
    return value if isinstance(value, str) else json.dumps(value)
