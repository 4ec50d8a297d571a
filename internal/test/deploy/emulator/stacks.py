"""CloudFormation's stacks, as far as SAM, the scripts of ops/ and docs/ use them, over the services' own APIs.

A stack is changed as CloudFormation does it: resources in the order of their references, a replaced resource's successor before
whatever refers to it, a policy that denies a change before the change, everything taken back when one step fails, and what is no
longer there taken away last, unless its policies keep it.
"""

import datetime
import json
import os
import re
import uuid

from resources import ACCOUNT, REGION, TYPES, client
from templates import Context, Refused, load, parameters, transformed

NESTED = "AWS::CloudFormation::Stack"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::URLSuffix": "amazonaws.com"}
IN_PROGRESS = "IN_PROGRESS"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Stack:
    def __init__(self, stacks, name):
        self.stacks, self.name = stacks, name
        self.id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/{uuid.uuid4()}"
        self.status, self.reason, self.created = "REVIEW_IN_PROGRESS", "", now()
        self.body, self.template, self.values, self.tags = "", {"Resources": {}}, {}, []
        self.made, self.events, self.changesets = {}, [], {}  # made: logical id to what is known of the resource
        self.policy, self.protected, self.outputs = None, False, []

    def event(self, logical, physical, kind, status, reason=""):
        at = max(now(), self.events[-1]["Timestamp"] + datetime.timedelta(milliseconds=1)) if self.events else now()
        self.events.append({
            "StackId": self.id, "EventId": str(uuid.uuid4()), "StackName": self.name, "LogicalResourceId": logical, "PhysicalResourceId": physical or "",
            "ResourceType": kind, "Timestamp": at, "ResourceStatus": status, "ResourceStatusReason": reason})

    def become(self, status, reason=""):
        self.status, self.reason = status, reason
        self.event(self.name, self.id, NESTED, status, reason)

    def context(self, template, values, made):
        return Context(template, values, PSEUDO | {"AWS::StackName": self.name, "AWS::StackId": self.id}, made)

    def denies(self, logical, policy):
        """Only what the policies here say: a later Deny of Update:* for one resource."""
        for statement in json.loads(policy or '{"Statement":[]}')["Statement"]:
            if statement["Effect"] == "Deny" and statement["Resource"] in ("*", "LogicalResourceId/" + logical):
                return True
        return False

    def apply(self, body, template, values, tags, policy):
        """Brings the stack to the template with these values, or takes all of it back."""
        word = "CREATE" if self.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        self.become(f"{word}_{IN_PROGRESS}", "User Initiated")
        undo, leftovers, made = [], [], dict(self.made)
        context = self.context(template, values, made)
        try:
            for logical in context.order():
                self.step(context, template, logical, made, policy, undo, leftovers)
        except Exception as e:  # whatever a service says takes the change back
            self.event(logical, "", template["Resources"][logical]["Type"], f"{word}_FAILED", str(e))
            self.become("ROLLBACK_IN_PROGRESS" if word == "CREATE" else "UPDATE_ROLLBACK_IN_PROGRESS", f"The following resource(s) failed: [{logical}]")
            for back in reversed(undo):
                back()
            self.become("ROLLBACK_COMPLETE" if word == "CREATE" else "UPDATE_ROLLBACK_COMPLETE")
            return
        gone = [logical for logical in self.made if logical not in context.order()]
        for logical in reversed(self.context(self.template, self.values, self.made).order()):
            if logical in gone:
                leftovers.append((logical, made.pop(logical), "DeletionPolicy"))
        self.body, self.template, self.values, self.tags, self.made = body, template, values, tags, made
        self.outputs = [
            {"OutputKey": name, "OutputValue": str(context.value(output["Value"])), "Description": output.get("Description", "")}
            for name, output in template.get("Outputs", {}).items() if "Condition" not in output or context.condition(output["Condition"])]
        for logical, record, keeps in leftovers:
            self.take_away(logical, record, keeps)
        self.become(f"{word}_COMPLETE")

    def step(self, context, template, logical, made, policy, undo, leftovers):
        resource, record = template["Resources"][logical], made.get(logical)
        kind, wanted = resource["Type"], context.value(resource.get("Properties", {}))
        if kind != NESTED and kind not in TYPES:
            raise Refused(f"the stand-in knows no {kind}")
        policies = {k: resource.get(k, "Delete") for k in ("DeletionPolicy", "UpdateReplacePolicy")}
        if record and record["type"] == kind and record["properties"] == wanted:
            record |= policies  # these alone are no change of a resource
            return
        if record and self.denies(logical, policy):
            raise Refused(f"Action denied by stack policy: Statement [#2] does not allow [Update:*] for resource [LogicalResourceId/{logical}]")
        old = record
        changed = {k for k in old["properties"].keys() | wanted.keys() if old["properties"].get(k) != wanted.get(k)} if old else set()
        replaced = () if kind == NESTED else TYPES[kind].replaced
        if old and old["type"] == kind and not (replaced is all or changed & set(replaced)):
            self.event(logical, old["ref"], kind, "UPDATE_" + IN_PROGRESS)
            attributes = self.changed(kind, logical, old, wanted)
            made[logical] = old | {"properties": wanted, "attributes": attributes} | policies

            def back():
                self.changed(kind, logical, old | {"properties": wanted}, old["properties"])

            undo.append(back)
            self.event(logical, old["ref"], kind, "UPDATE_COMPLETE")
            return
        self.event(logical, "", kind, "CREATE_" + IN_PROGRESS)
        ref, attributes = self.create(kind, logical, wanted)
        made[logical] = new = {"type": kind, "ref": ref, "attributes": attributes, "properties": wanted} | policies
        undo.append(lambda: self.take_away(logical, new, "DeletionPolicy", on_create=True))
        if old:
            leftovers.append((logical, old, "UpdateReplacePolicy"))
        self.event(logical, ref, kind, "CREATE_COMPLETE")

    def create(self, kind, logical, wanted):
        if kind != NESTED:
            return TYPES[kind](self.name, logical).create(wanted)
        inner = self.stacks.add(f"{self.name}-{logical}-{uuid.uuid4().hex[:12].upper()}")
        return inner.id, self.nested(inner, wanted)

    def nested(self, inner, wanted):
        body = fetched(wanted["TemplateURL"])
        template = load(body)
        values = parameters(template, wanted.get("Parameters", {}))
        inner.apply(body, template, values, [], None)
        if not inner.status.endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")):
            raise Refused(f"Embedded stack {inner.id} was not successfully made: {inner.reason}")
        return {"Outputs." + o["OutputKey"]: o["OutputValue"] for o in inner.outputs}

    def changed(self, kind, logical, old, wanted):
        if kind == NESTED:
            return self.nested(self.stacks.find(old["ref"]), wanted)
        return TYPES[kind](self.name, logical, old["ref"]).update(old["properties"], wanted)

    def take_away(self, logical, record, keeps, on_create=False):
        kind, ref = record["type"], record["ref"]
        if record[keeps] == "Retain" or record[keeps] == "RetainExceptOnCreate" and not on_create:
            self.event(logical, ref, kind, "DELETE_SKIPPED")
            return
        self.event(logical, ref, kind, "DELETE_" + IN_PROGRESS)
        if kind == NESTED:
            self.stacks.find(ref).delete()
        else:
            TYPES[kind](self.name, logical, ref).delete(record["properties"])
        self.event(logical, ref, kind, "DELETE_COMPLETE")

    def delete(self):
        self.become("DELETE_" + IN_PROGRESS, "User Initiated")
        for logical in reversed(self.context(self.template, self.values, self.made).order()):
            try:
                self.take_away(logical, self.made[logical], "DeletionPolicy")
            except Exception as e:  # the deletion stops there
                self.event(logical, self.made[logical]["ref"], self.made[logical]["type"], "DELETE_FAILED", str(e))
                self.become("DELETE_FAILED", f"The following resource(s) failed to delete: [{logical}]. {e}")
                return
            del self.made[logical]
        self.become("DELETE_COMPLETE")


def fetched(url):
    """A template that was uploaded, at https://s3.…/bucket/key or https://bucket.s3.…/key."""
    path = re.sub(r"^https?://[^/]+/", "", url)
    bucket, key = path.split("/", 1)
    return client("s3").get_object(Bucket=bucket, Key=key.split("?")[0])["Body"].read().decode()


class Stacks:
    """CloudFormation's API. Each action is a method of that name; it gets the request's members and gives the answer's."""

    def __init__(self):
        self.all = []

    def add(self, name):
        self.all.append(Stack(self, name))
        return self.all[-1]

    def find(self, name):
        for stack in reversed(self.all):
            if stack.id == name or (stack.name == name and stack.status != "DELETE_COMPLETE"):
                return stack
        raise Refused(f"Stack with id {name} does not exist")

    def _wanted(self, stack, r, expands=True):
        """Body, template and values that a request asks for. A change set may always be expanded: a person looks at it."""
        if r.get("UsePreviousTemplate") == "true":
            body = stack.body
        else:
            # SAM makes links to what it uploaded out of the endpoint, and takes them for S3's own when it deletes.
            body = (r.get("TemplateBody") or fetched(r["TemplateURL"])).replace(os.environ["AWS_ENDPOINT_URL"], f"https://s3.{REGION}.amazonaws.com")
        source, given = load(body), {}
        for p in r.get("Parameters", []):
            previous = p.get("UsePreviousValue") == "true"
            if previous and p["ParameterKey"] not in stack.values:
                raise Refused(f"Invalid input for parameter key {p['ParameterKey']}. Cannot specify usePreviousValue as true for a parameter key not in the previous template")
            given[p["ParameterKey"]] = stack.values[p["ParameterKey"]] if previous else p.get("ParameterValue", "")
        values = parameters(source, given)
        template, may = transformed(source, PSEUDO | values), r.get("Capabilities", [])
        if "Transform" in source and not expands and "CAPABILITY_AUTO_EXPAND" not in may:
            raise Refused("Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
        if any(x["Type"].startswith("AWS::IAM::") for x in template["Resources"].values()) and "CAPABILITY_IAM" not in may:
            raise Refused("Requires capabilities : [CAPABILITY_IAM]")
        return body, template, values

    @staticmethod
    def _policy(stack, r):
        return r.get("StackPolicyDuringUpdateBody", stack.policy)

    def CreateChangeSet(self, r):
        if r.get("ChangeSetType", "UPDATE") == "CREATE":
            stack = self.add(r["StackName"])
            stack.become("REVIEW_IN_PROGRESS", "User Initiated")
        else:
            stack = self.find(r["StackName"])
        body, template, values = self._wanted(stack, r)
        change = {"Id": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:changeSet/{r['ChangeSetName']}/{uuid.uuid4()}", "Name": r["ChangeSetName"],
                  "target": (body, template, values, r.get("Tags", [])), "Status": "CREATE_COMPLETE", "StatusReason": "", "Changes": []}
        same = (template, values, r.get("Tags", [])) == (stack.template, stack.values, stack.tags)
        if same and stack.status != "REVIEW_IN_PROGRESS":
            change |= {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes. Submit different information to create a change set."}
        for logical in stack.context(template, values, {}).order():
            action, resource = "Modify" if logical in stack.made else "Add", template["Resources"][logical]
            change["Changes"].append({"Type": "Resource", "ResourceChange": {"Action": action, "LogicalResourceId": logical, "ResourceType": resource["Type"]}})
        stack.changesets[change["Id"]] = stack.changesets[change["Name"]] = change
        return {"Id": change["Id"], "StackId": stack.id}

    def _change(self, r):
        for stack in reversed(self.all):
            if r["ChangeSetName"] in stack.changesets and r.get("StackName", stack.name) in (stack.name, stack.id):
                return stack, stack.changesets[r["ChangeSetName"]]
        raise Refused(f"ChangeSet [{r['ChangeSetName']}] does not exist")

    def DescribeChangeSet(self, r):
        stack, change = self._change(r)
        return {"ChangeSetName": change["Name"], "ChangeSetId": change["Id"], "StackId": stack.id, "StackName": stack.name, "Status": change["Status"],
                "StatusReason": change["StatusReason"], "ExecutionStatus": "AVAILABLE", "Changes": change["Changes"], "CreationTime": now()}

    def ListChangeSets(self, r):
        self.find(r["StackName"])
        return {"Summaries": []}

    def DeleteChangeSet(self, r):
        return {}

    def ExecuteChangeSet(self, r):
        stack, change = self._change(r)
        stack.apply(*change["target"], stack.policy)
        return {}

    def UpdateStack(self, r):
        stack = self.find(r["StackName"])
        body, template, values = self._wanted(stack, r, expands=False)
        tags = r.get("Tags", stack.tags)
        if (template, values, tags) == (stack.template, stack.values, stack.tags):
            raise Refused("No updates are to be performed.")
        stack.apply(body, template, values, tags, self._policy(stack, r))
        return {"StackId": stack.id}

    def DeleteStack(self, r):
        stack = self.find(r["StackName"])
        if stack.protected:
            raise Refused(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        stack.delete()
        return {}

    def SetStackPolicy(self, r):
        self.find(r["StackName"]).policy = r["StackPolicyBody"]
        return {}

    def GetStackPolicy(self, r):
        policy = self.find(r["StackName"]).policy
        return {"StackPolicyBody": policy} if policy else {}

    def UpdateTerminationProtection(self, r):
        stack = self.find(r["StackName"])
        stack.protected = r["EnableTerminationProtection"] == "true"
        return {"StackId": stack.id}

    def DescribeStacks(self, r):
        wanted = [self.find(r["StackName"])] if "StackName" in r else [s for s in self.all if s.status != "DELETE_COMPLETE"]
        return {"Stacks": [{
            "StackId": s.id, "StackName": s.name, "CreationTime": s.created, "StackStatus": s.status, "StackStatusReason": s.reason, "Outputs": s.outputs,
            "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in s.values.items()], "Tags": s.tags, "EnableTerminationProtection": s.protected,
        } for s in wanted]}

    def DescribeStackEvents(self, r):
        return {"StackEvents": list(reversed(self.find(r["StackName"]).events))}

    def _resource(self, stack, logical, record):
        return {"StackId": stack.id, "StackName": stack.name, "LogicalResourceId": logical, "PhysicalResourceId": record["ref"], "ResourceType": record["type"],
                "ResourceStatus": "UPDATE_COMPLETE", "Timestamp": now(), "LastUpdatedTimestamp": now()}

    def DescribeStackResource(self, r):
        stack = self.find(r["StackName"])
        if r["LogicalResourceId"] not in stack.made:
            raise Refused(f"Resource {r['LogicalResourceId']} does not exist for stack {stack.name}")
        return {"StackResourceDetail": self._resource(stack, r["LogicalResourceId"], stack.made[r["LogicalResourceId"]])}

    def DescribeStackResources(self, r):
        stack = self.find(r["StackName"])
        return {"StackResources": [self._resource(stack, *x) for x in stack.made.items()]}

    def ListStackResources(self, r):
        stack = self.find(r["StackName"])
        return {"StackResourceSummaries": [self._resource(stack, *x) for x in stack.made.items()]}

    def GetTemplate(self, r):
        stack = self.find(r["StackName"])
        original = r.get("TemplateStage", "Original") == "Original"
        return {"TemplateBody": stack.body if original else json.dumps(stack.template), "StagesAvailable": ["Original", "Processed"]}

    def GetTemplateSummary(self, r):
        template = load(r["TemplateBody"]) if "TemplateBody" in r else load(self.find(r["StackName"]).body)
        return {"Parameters": [{"ParameterKey": k, "ParameterType": v["Type"]} for k, v in template.get("Parameters", {}).items()]}
