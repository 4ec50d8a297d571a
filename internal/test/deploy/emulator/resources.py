"""The types of resources that the stacks have, made, changed and taken away through the services' own APIs.

Each type is a class: create gives (Ref, attributes), update gives the attributes, delete takes it away. replaced names the
properties whose change makes a new resource, as CloudFormation's reference says; all = every one does.
"""

import functools
import hashlib
import json
import secrets
import string

import boto3
from moto.awslambda.utils import get_backend
from moto.dynamodb.models import dynamodb_backends

from templates import Refused, as_json

REGION, ACCOUNT = "eu-central-1", "123456789012"


@functools.cache
def client(service):
    return boto3.client(service, region_name=REGION)


def tags_of(pairs):
    """A list of tags as a mapping."""
    return pairs if isinstance(pairs, dict) else {p["Key"]: p["Value"] for p in pairs or []}


def without(properties, *names):
    return {k: v for k, v in properties.items() if k not in names}


def number(value):
    return int(value) if isinstance(value, str) else value


class Resource:
    replaced = ()

    def __init__(self, stack, logical, ref=None):
        self.stack, self.logical, self.ref = stack, logical, ref

    def name(self, limit=64):
        """A name as CloudFormation makes one."""
        tail = "-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
        return f"{self.stack}-{self.logical}"[: limit - len(tail)] + tail


def _lower(properties):
    """CloudFormation's names with a small letter first, as some services have them."""
    return {k[0].lower() + k[1:]: v for k, v in properties.items()}


class Api(Resource):
    def create(self, p):
        p = p | {"DisableExecuteApiEndpoint": p["DisableExecuteApiEndpoint"] == "true"}
        self.ref = client("apigatewayv2").create_api(**p)["ApiId"]
        return self.ref, {}

    def update(self, old, p):
        client("apigatewayv2").update_api(ApiId=self.ref, Name=p["Name"], DisableExecuteApiEndpoint=p["DisableExecuteApiEndpoint"] == "true")
        return {}

    def delete(self, p):
        client("apigatewayv2").delete_api(ApiId=self.ref)


class OfApi(Resource):
    """Integration, Route, Authorizer: alike but for their names."""

    replaced = ("ApiId",)
    kind = ""

    def create(self, p):
        answer = getattr(client("apigatewayv2"), f"create_{self.kind.lower()}")(**p)
        self.ref = answer[f"{self.kind}Id"]
        return self.ref, {}

    def update(self, old, p):
        getattr(client("apigatewayv2"), f"update_{self.kind.lower()}")(**p, **{f"{self.kind}Id": self.ref})
        return {}

    def delete(self, p):
        getattr(client("apigatewayv2"), f"delete_{self.kind.lower()}")(ApiId=p["ApiId"], **{f"{self.kind}Id": self.ref})


class Integration(OfApi):
    kind = "Integration"


class Route(OfApi):
    kind = "Route"


class Authorizer(OfApi):
    kind = "Authorizer"


class Stage(Resource):
    replaced = ("ApiId", "StageName")

    def create(self, p):
        client("apigatewayv2").create_stage(**p)
        return p["StageName"], {}

    def update(self, old, p):
        client("apigatewayv2").update_stage(**without(p, "Tags"))
        return {}

    def delete(self, p):
        client("apigatewayv2").delete_stage(ApiId=p["ApiId"], StageName=p["StageName"])


class Role(Resource):
    replaced = ("Path", "RoleName")

    def _same(self, p):
        return {"RoleName": self.ref}

    def create(self, p):
        iam, self.ref = client("iam"), self.name()
        extra = {k: p[k] for k in ("Description", "PermissionsBoundary", "Tags") if k in p}
        arn = iam.create_role(RoleName=self.ref, AssumeRolePolicyDocument=json.dumps(p["AssumeRolePolicyDocument"]), **extra)["Role"]["Arn"]
        self._policies({}, p)
        return self.ref, {"Arn": arn}

    def _policies(self, old, p):
        iam = client("iam")
        had, has = set(old.get("ManagedPolicyArns", [])), set(p.get("ManagedPolicyArns", []))
        for arn in has - had:
            iam.attach_role_policy(RoleName=self.ref, PolicyArn=arn)
        for arn in had - has:
            iam.detach_role_policy(RoleName=self.ref, PolicyArn=arn)
        for gone in {x["PolicyName"] for x in old.get("Policies", [])} - {x["PolicyName"] for x in p.get("Policies", [])}:
            iam.delete_role_policy(RoleName=self.ref, PolicyName=gone)
        for policy in p.get("Policies", []):
            iam.put_role_policy(RoleName=self.ref, PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"]))

    def update(self, old, p):
        client("iam").update_assume_role_policy(RoleName=self.ref, PolicyDocument=json.dumps(p["AssumeRolePolicyDocument"]))
        self._policies(old, p)
        return {"Arn": client("iam").get_role(RoleName=self.ref)["Role"]["Arn"]}

    def delete(self, p):
        self._policies(p, {})
        client("iam").delete_role(RoleName=self.ref)


class ManagedPolicy(Resource):
    replaced = ("Description", "ManagedPolicyName", "Path")

    def create(self, p):
        document = json.dumps(p["PolicyDocument"])
        self.ref = client("iam").create_policy(PolicyName=self.name(128), PolicyDocument=document, Description=p["Description"])["Policy"]["Arn"]
        return self.ref, {"PolicyArn": self.ref}

    def update(self, old, p):
        iam = client("iam")
        iam.create_policy_version(PolicyArn=self.ref, PolicyDocument=json.dumps(p["PolicyDocument"]), SetAsDefault=True)
        for version in iam.list_policy_versions(PolicyArn=self.ref)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=self.ref, VersionId=version["VersionId"])
        return {"PolicyArn": self.ref}

    def delete(self, p):
        client("iam").delete_policy(PolicyArn=self.ref)


class LogGroup(Resource):
    replaced = ("LogGroupName",)

    def create(self, p):
        client("logs").create_log_group(logGroupName=p["LogGroupName"], tags=tags_of(p["Tags"]))
        return p["LogGroupName"], self.update({}, p)

    def update(self, old, p):
        client("logs").put_retention_policy(logGroupName=p["LogGroupName"], retentionInDays=number(p["RetentionInDays"]))
        return {"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{p['LogGroupName']}:*"}

    def delete(self, p):
        client("logs").delete_log_group(logGroupName=p["LogGroupName"])


class Function(Resource):
    replaced = ("FunctionName", "PackageType")

    def create(self, p):
        self.ref = self.name()
        answer = client("lambda").create_function(FunctionName=self.ref, **without(p, "Tags"), Tags=tags_of(p["Tags"]))
        return self.ref, {"Arn": answer["FunctionArn"]}

    def update(self, old, p):
        """Code that the template leaves as it was stays as it is, whatever that is: so does CloudFormation."""
        functions, code = client("lambda"), ("Code", "Architectures")
        if any(old.get(k) != p.get(k) for k in code):
            functions.update_function_code(FunctionName=self.ref, Architectures=p["Architectures"], **p["Code"])
        if without(old, "Tags", *code) != without(p, "Tags", *code):
            functions.update_function_configuration(FunctionName=self.ref, **without(p, "Tags", *code))
        return {"Arn": functions.get_function_configuration(FunctionName=self.ref)["FunctionArn"].removesuffix(":$LATEST")}

    def delete(self, p):
        client("lambda").delete_function(FunctionName=self.ref)


class Version(Resource):
    replaced = all

    def create(self, p):
        functions = client("lambda")
        had = [v["Version"] for v in functions.list_versions_by_function(FunctionName=p["FunctionName"])["Versions"]]
        answer = functions.publish_version(**p)
        if answer["Version"] in had:
            raise Refused(f"A version for this Lambda function exists ( {answer['Version']} ). Modify the function to create a new version.")
        self.ref = answer["FunctionArn"].removesuffix(":" + answer["Version"]) + ":" + answer["Version"]
        return self.ref, {"Version": answer["Version"]}

    def delete(self, p):
        client("lambda").delete_function(FunctionName=p["FunctionName"], Qualifier=self.ref.rpartition(":")[2])


class Alias(Resource):
    replaced = ("FunctionName", "Name")

    def create(self, p):
        return client("lambda").create_alias(**p)["AliasArn"], {}

    def update(self, old, p):
        client("lambda").update_alias(**p)
        return {}

    def delete(self, p):
        client("lambda").delete_alias(FunctionName=p["FunctionName"], Name=p["Name"])


class EventInvokeConfig(Resource):
    replaced = ("FunctionName", "Qualifier")

    def create(self, p):
        client("lambda").put_function_event_invoke_config(**without(p, "DestinationConfig"))
        return self.name(), {}

    def update(self, old, p):
        client("lambda").put_function_event_invoke_config(**without(p, "DestinationConfig"))
        return {}

    def delete(self, p):
        client("lambda").delete_function_event_invoke_config(FunctionName=p["FunctionName"], Qualifier=p["Qualifier"])


class Permission(Resource):
    replaced = all

    def create(self, p):
        self.ref = self.name(100)
        client("lambda").add_permission(StatementId=self.ref, **p)
        return self.ref, {}

    def delete(self, p):
        client("lambda").remove_permission(StatementId=self.ref, FunctionName=p["FunctionName"])


class EventSourceMapping(Resource):
    replaced = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp")

    def _changed(self, p):
        p = json.loads(json.dumps(p))
        if "ScalingConfig" in p:
            p["ScalingConfig"]["MaximumConcurrency"] = number(p["ScalingConfig"]["MaximumConcurrency"])
        return p

    def create(self, p):
        p = self._changed(p)
        self.ref = client("lambda").create_event_source_mapping(**without(p, "Tags"), Tags=tags_of(p["Tags"]))["UUID"]
        self._called(p)
        return self.ref, {}

    def _called(self, p):
        """moto writes down the version that an alias leads to at that moment; Lambda, the alias. And it would run functions for
        the changes of a table in an engine of containers, which is not there: nothing is delivered from streams."""
        get_backend(ACCOUNT, REGION).get_event_source_mapping(self.ref).function_arn = p["FunctionName"]
        for table in dynamodb_backends[ACCOUNT][REGION].tables.values():
            table.lambda_event_source_mappings.clear()

    def update(self, old, p):
        client("lambda").update_event_source_mapping(UUID=self.ref, **without(self._changed(p), "Tags", "EventSourceArn", "StartingPosition"))
        self._called(p)
        return {}

    def delete(self, p):
        client("lambda").delete_event_source_mapping(UUID=self.ref)


class Queue(Resource):
    replaced = ("QueueName", "FifoQueue")

    def _attributes(self, p):
        return {k: as_json(v) if isinstance(v, dict) else str(v).lower() if isinstance(v, bool) else str(v) for k, v in without(p, "QueueName", "Tags").items()}

    def create(self, p):
        self.ref = client("sqs").create_queue(QueueName=p["QueueName"], Attributes=self._attributes(p), tags=tags_of(p["Tags"]))["QueueUrl"]
        return self.ref, self._names(p)

    def _names(self, p):
        return {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{p['QueueName']}", "QueueName": p["QueueName"]}

    def update(self, old, p):
        client("sqs").set_queue_attributes(QueueUrl=self.ref, Attributes=self._attributes(p))
        return self._names(p)

    def delete(self, p):
        client("sqs").delete_queue(QueueUrl=self.ref)


class QueuePolicy(Resource):
    def create(self, p):
        self.update({}, p)
        return self.name(), {}

    def update(self, old, p):
        for url in p["Queues"]:
            client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(p["PolicyDocument"])})
        return {}

    def delete(self, p):
        for url in p["Queues"]:
            client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


class EventBus(Resource):
    replaced = ("Name",)

    def create(self, p):
        return p["Name"], {"Arn": client("events").create_event_bus(**p)["EventBusArn"], "Name": p["Name"]}

    def update(self, old, p):
        return {"Arn": client("events").describe_event_bus(Name=p["Name"])["Arn"], "Name": p["Name"]}

    def delete(self, p):
        rules = client("events").list_rules(EventBusName=p["Name"])["Rules"]
        if rules:
            raise Refused(f"Event bus {p['Name']} has rules: {[r['Name'] for r in rules]}")
        client("events").delete_event_bus(Name=p["Name"])


class EventBusPolicy(Resource):
    replaced = ("EventBusName", "StatementId")

    def create(self, p):
        statement = p["Statement"] | {"Sid": p["StatementId"]}
        client("events").put_permission(EventBusName=p["EventBusName"], Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        return self.name(), {}

    def update(self, old, p):
        self.create(p)
        return {}

    def delete(self, p):
        client("events").remove_permission(EventBusName=p["EventBusName"], StatementId=p["StatementId"])


class Rule(Resource):
    replaced = ("Name", "EventBusName")

    def create(self, p):
        rule = self.name()
        self.ref = f"{p['EventBusName']}|{rule}"
        return self.ref, self.update({}, p)

    def update(self, old, p):
        bus, rule = self.ref.split("|")
        arn = client("events").put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps(p["EventPattern"]), Description=p["Description"])["RuleArn"]
        client("events").put_targets(Rule=rule, EventBusName=bus, Targets=p["Targets"])
        return {"Arn": arn}

    def delete(self, p):
        bus, rule = self.ref.split("|")
        client("events").remove_targets(Rule=rule, EventBusName=bus, Ids=[t["Id"] for t in p["Targets"]])
        client("events").delete_rule(Name=rule, EventBusName=bus)


class Table(Resource):
    replaced = ("TableName", "KeySchema")

    def create(self, p):
        self.ref = self.name(255)
        plain = without(p, "TimeToLiveSpecification", "PointInTimeRecoverySpecification", "StreamSpecification", "SSESpecification")
        plain["SSESpecification"] = {{"SSEEnabled": "Enabled"}.get(k, k): v for k, v in p["SSESpecification"].items()}
        if "StreamSpecification" in p:
            plain["StreamSpecification"] = p["StreamSpecification"] | {"StreamEnabled": True}
        tables = client("dynamodb")
        tables.create_table(TableName=self.ref, **plain)
        tables.update_time_to_live(TableName=self.ref, TimeToLiveSpecification=p["TimeToLiveSpecification"])
        tables.update_continuous_backups(TableName=self.ref, PointInTimeRecoverySpecification=p["PointInTimeRecoverySpecification"])
        return self.ref, self._names()

    def _names(self):
        table = client("dynamodb").describe_table(TableName=self.ref)["Table"]
        return {"Arn": table["TableArn"], "StreamArn": table.get("LatestStreamArn")}

    def update(self, old, p):
        changed = {k for k in old.keys() | p.keys() if old.get(k) != p.get(k)}
        if changed - {"SSESpecification", "Tags"}:
            raise Refused(f"the stand-in changes no {sorted(changed)} of a table")
        return self._names()

    def delete(self, p):
        if client("dynamodb").describe_table(TableName=self.ref)["Table"].get("DeletionProtectionEnabled"):
            raise Refused(f"table {self.ref} is protected against deletion")
        client("dynamodb").delete_table(TableName=self.ref)


class Secret(Resource):
    replaced = ("Name",)

    def create(self, p):
        made = {}
        if generate := p.get("GenerateSecretString"):
            password = client("secretsmanager").get_random_password(
                PasswordLength=generate["PasswordLength"], ExcludePunctuation=generate["ExcludePunctuation"])["RandomPassword"]
            made["SecretString"] = json.dumps(json.loads(generate["SecretStringTemplate"]) | {generate["GenerateStringKey"]: password})
        self.ref = client("secretsmanager").create_secret(Name=self.name().removeprefix(self.stack + "-"), **without(p, "GenerateSecretString"), **made)["ARN"]
        return self.ref, {}

    def update(self, old, p):
        client("secretsmanager").update_secret(SecretId=self.ref, **without(p, "GenerateSecretString", "Tags"))
        return {}

    def delete(self, p):
        client("secretsmanager").delete_secret(SecretId=self.ref)


class Parameter(Resource):
    replaced = ("Name",)

    def create(self, p):
        self.ref = f"CFN-{self.logical}-" + self.name()[-12:]
        client("ssm").put_parameter(Name=self.ref, **without(p, "Tags"), Tags=[{"Key": k, "Value": v} for k, v in tags_of(p["Tags"]).items()])
        return self.ref, {"Type": p["Type"], "Value": p["Value"]}

    def update(self, old, p):
        client("ssm").put_parameter(Name=self.ref, Overwrite=True, **without(p, "Tags"))
        return {"Type": p["Type"], "Value": p["Value"]}

    def delete(self, p):
        client("ssm").delete_parameter(Name=self.ref)


class Schedule(Resource):
    replaced = ("Name",)

    def create(self, p):
        self.ref = self.name()
        return self.ref, {"Arn": client("scheduler").create_schedule(Name=self.ref, **p)["ScheduleArn"]}

    def update(self, old, p):
        return {"Arn": client("scheduler").update_schedule(Name=self.ref, **p)["ScheduleArn"]}

    def delete(self, p):
        client("scheduler").delete_schedule(Name=self.ref)


class Alarm(Resource):
    replaced = ("AlarmName",)

    def create(self, p):
        self.ref = p.get("AlarmName") or self.name(255)
        return self.ref, self.update({}, p)

    def update(self, old, p):
        changed = {k: number(v) if k in ("Threshold", "Period", "EvaluationPeriods", "DatapointsToAlarm") else v for k, v in without(p, "AlarmName").items()}
        client("cloudwatch").put_metric_alarm(AlarmName=self.ref, **changed)
        return {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{self.ref}"}

    def delete(self, p):
        client("cloudwatch").delete_alarms(AlarmNames=[self.ref])


class Dashboard(Resource):
    replaced = ("DashboardName",)

    def create(self, p):
        self.ref = p.get("DashboardName") or self.name(255)
        return self.ref, self.update({}, p)

    def update(self, old, p):
        client("cloudwatch").put_dashboard(DashboardName=self.ref, DashboardBody=as_json(p["DashboardBody"]))
        return {}

    def delete(self, p):
        client("cloudwatch").delete_dashboards(DashboardNames=[self.ref])


class Application(Resource):
    def create(self, p):
        self.ref = client("appconfig").create_application(**without(p, "Tags"), Tags=tags_of(p["Tags"]))["Id"]
        return self.ref, {"ApplicationId": self.ref}

    def update(self, old, p):
        client("appconfig").update_application(ApplicationId=self.ref, **without(p, "Tags"))
        return {"ApplicationId": self.ref}

    def delete(self, p):
        client("appconfig").delete_application(ApplicationId=self.ref)


class ConfigurationProfile(Resource):
    replaced = ("ApplicationId", "LocationUri", "Type")

    def create(self, p):
        self.ref = client("appconfig").create_configuration_profile(**without(p, "Tags"), Tags=tags_of(p["Tags"]))["Id"]
        return self.ref, {"ConfigurationProfileId": self.ref}

    def update(self, old, p):
        client("appconfig").update_configuration_profile(ConfigurationProfileId=self.ref, ApplicationId=p["ApplicationId"], Name=p["Name"])
        return {"ConfigurationProfileId": self.ref}

    def delete(self, p):
        client("appconfig").delete_configuration_profile(ApplicationId=p["ApplicationId"], ConfigurationProfileId=self.ref)


class HostedConfigurationVersion(Resource):
    replaced = all

    def create(self, p):
        answer = client("appconfig").create_hosted_configuration_version(**p | {"Content": p["Content"].encode()})
        self.ref = str(answer["VersionNumber"])
        return self.ref, {"VersionNumber": self.ref}

    def delete(self, p):
        client("appconfig").delete_hosted_configuration_version(
            ApplicationId=p["ApplicationId"], ConfigurationProfileId=p["ConfigurationProfileId"], VersionNumber=int(self.ref))


class Bucket(Resource):
    """The one of SAM's own stack."""

    def create(self, p):
        self.ref = p.get("BucketName") or self.name(63).lower()
        client("s3").create_bucket(Bucket=self.ref, CreateBucketConfiguration={"LocationConstraint": REGION})
        client("s3").put_bucket_versioning(Bucket=self.ref, VersioningConfiguration=p["VersioningConfiguration"])
        return self.ref, {"Arn": f"arn:aws:s3:::{self.ref}"}

    def update(self, old, p):
        return {"Arn": f"arn:aws:s3:::{self.ref}"}

    def delete(self, p):
        client("s3").delete_bucket(Bucket=self.ref)


class BucketPolicy(Resource):
    """Of SAM's own bucket: it denies what comes without TLS, as everything does here."""

    def create(self, p):
        return p["Bucket"], {}

    def update(self, old, p):
        return {}

    def delete(self, p):
        pass


TYPES = {
    "AWS::ApiGatewayV2::Api": Api, "AWS::ApiGatewayV2::Authorizer": Authorizer, "AWS::ApiGatewayV2::Integration": Integration,
    "AWS::ApiGatewayV2::Route": Route, "AWS::ApiGatewayV2::Stage": Stage, "AWS::AppConfig::Application": Application,
    "AWS::AppConfig::ConfigurationProfile": ConfigurationProfile, "AWS::AppConfig::HostedConfigurationVersion": HostedConfigurationVersion,
    "AWS::CloudWatch::Alarm": Alarm, "AWS::CloudWatch::Dashboard": Dashboard, "AWS::DynamoDB::Table": Table, "AWS::Events::EventBus": EventBus,
    "AWS::Events::EventBusPolicy": EventBusPolicy, "AWS::Events::Rule": Rule, "AWS::IAM::ManagedPolicy": ManagedPolicy, "AWS::IAM::Role": Role,
    "AWS::Lambda::Alias": Alias, "AWS::Lambda::EventInvokeConfig": EventInvokeConfig, "AWS::Lambda::EventSourceMapping": EventSourceMapping,
    "AWS::Lambda::Function": Function, "AWS::Lambda::Permission": Permission, "AWS::Lambda::Version": Version, "AWS::Logs::LogGroup": LogGroup,
    "AWS::S3::Bucket": Bucket, "AWS::S3::BucketPolicy": BucketPolicy, "AWS::SQS::Queue": Queue, "AWS::SQS::QueuePolicy": QueuePolicy,
    "AWS::SSM::Parameter": Parameter, "AWS::Scheduler::Schedule": Schedule, "AWS::SecretsManager::Secret": Secret,
}


def digest(data):
    return hashlib.sha256(data).digest()
