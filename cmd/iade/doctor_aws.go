package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// deadLetterQueues are the ends of the names of a stack's dead-letter queues, and what lies in each.
var deadLetterQueues = []struct {
	suffix string
	holds  text
}{
	{"-refund-dead", text{"refund commands that nobody could carry out", "yürütülemeyen iade komutları"}},
	{"-cancel-dead", text{"cancel commands that nobody could carry out", "yürütülemeyen iptal komutları"}},
	{"-publish-dead", text{"changes that could not be published", "yayımlanamayan değişiklikler"}},
}

// lookAtAWS looks at what the API cannot know of itself, with the AWS credentials of this environment. It only reads.
func (p *patient) lookAtAWS(ctx context.Context) []finding {
	why := text{}
	region := p.getenv("AWS_REGION")
	if region == "" {
		region = p.getenv("AWS_DEFAULT_REGION")
	}
	keys := aws.Credentials{AccessKeyID: p.getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: p.getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: p.getenv("AWS_SESSION_TOKEN")}
	switch {
	case p.stack == "":
		why = text{"name the deployment with -stack", "kurulumu -stack ile belirtin"}
	case !keys.HasKeys() || region == "":
		why = text{"it takes AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION", "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY ve AWS_REGION gerekir"}
	}
	if why != (text{}) {
		return []finding{skipped("stack", why), skipped("stack's keys", why), skipped("table", why), skipped("queues", why), skipped("webhook", why), skipped("alarms", why)}
	}
	config := aws.Config{Region: region, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }), HTTPClient: p.client.http}
	endpoint := func(service string) *string { // as AWS's own tools read it
		for _, name := range []string{"AWS_ENDPOINT_URL_" + service, "AWS_ENDPOINT_URL"} {
			if address := p.getenv(name); address != "" {
				return &address
			}
		}
		return nil
	}
	stacks := cloudformation.NewFromConfig(config, func(o *cloudformation.Options) { o.BaseEndpoint = endpoint("CLOUDFORMATION") })
	watch := cloudwatch.NewFromConfig(config, func(o *cloudwatch.Options) { o.BaseEndpoint = endpoint("CLOUDWATCH") })
	table := dynamodb.NewFromConfig(config, func(o *dynamodb.Options) { o.BaseEndpoint = endpoint("DYNAMODB") })
	queues := sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = endpoint("SQS") })
	secrets := secretsmanager.NewFromConfig(config, func(o *secretsmanager.Options) { o.BaseEndpoint = endpoint("SECRETS_MANAGER") })

	var found []finding
	switch d, err := describe(ctx, stacks, p.stack); {
	case errors.Is(err, errNoSuchStack):
		return []finding{problem("stack", filled(text{"there is no stack %s in this region", "bu bölgede %s yığını yok"}, p.stack),
			text{"look at -stack and AWS_REGION", "-stack ve AWS_REGION değerlerine bakın"})}
	case err != nil:
		found = append(found, awsUnreadable("stack", "cloudformation:DescribeStacks"))
	default:
		found = append(found, p.lookAtStack(d), p.lookAtSecret(ctx, secrets, d))
		found = append(found, p.lookAtTables(ctx, table, d)...)
	}
	found = append(found, p.lookAtQueues(ctx, queues)...)
	return append(append(found, p.lookAtMetrics(ctx, watch)...), p.lookAtAlarms(ctx, watch))
}

// lookAtTables says whether the table's changes are published, and whether table and journal can be restored.
func (p *patient) lookAtTables(ctx context.Context, db *dynamodb.Client, d *deployment) []finding {
	var found []finding
	table := d.outputs["TableName"]
	described, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil || described.Table == nil {
		return []finding{awsUnreadable("table", "dynamodb:DescribeTable")}
	}
	if s := described.Table.StreamSpecification; s == nil || !aws.ToBool(s.StreamEnabled) || s.StreamViewType != dynamotypes.StreamViewTypeNewAndOldImages {
		found = append(found, problem("table", filled(text{"the table %s has no stream of both images: no event is published and no journal is written", "%s tablosunda eski ve yeni görüntülü akış yok: olay yayımlanmaz, kayıt defteri yazılmaz"}, table),
			text{"enable the stream with NEW_AND_OLD_IMAGES, and give it to the stack: ops/set.sh " + p.stack + " ExistingTable=… ExistingTableStreamArn=…",
				"akışı NEW_AND_OLD_IMAGES ile açın ve yığına verin: ops/set.sh " + p.stack + " ExistingTable=… ExistingTableStreamArn=…"}))
	}
	for _, name := range []string{table, d.outputs["JournalTableName"]} {
		backups, err := db.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
		if err != nil || backups.ContinuousBackupsDescription == nil {
			return append(found, awsUnreadable("table", "dynamodb:DescribeContinuousBackups"))
		}
		if r := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription; r == nil || r.PointInTimeRecoveryStatus != dynamotypes.PointInTimeRecoveryStatusEnabled {
			found = append(found, problem("table", filled(text{"the table %s cannot be restored to a moment: what is lost from it stays lost", "%s tablosu bir ana geri döndürülemez: kaybolan kayıp kalır"}, name),
				text{"enable point-in-time recovery", "anlık kurtarmayı (point-in-time recovery) açın"}))
		}
	}
	if found == nil {
		found = append(found, fine("table", filled(text{"%s has its stream and can be restored, and so can the journal", "%s tablosunun akışı var; tablo ve kayıt defteri geri yüklenebilir"}, table)))
	}
	return found
}

// lookAtQueues counts the messages that wait for a person.
func (p *patient) lookAtQueues(ctx context.Context, queues *sqs.Client) []finding {
	var found []finding
	for _, q := range deadLetterQueues {
		name := p.stack + q.suffix
		queue, err := queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
		var absent *sqstypes.QueueDoesNotExist
		if errors.As(err, &absent) {
			found = append(found, problem("queues", filled(text{"there is no queue %s in this region", "bu bölgede %s kuyruğu yok"}, name),
				text{"look at -stack and AWS_REGION", "-stack ve AWS_REGION değerlerine bakın"}))
			continue
		}
		if err != nil {
			return append(found, awsUnreadable("queues", "sqs:GetQueueUrl"))
		}
		attribute := sqstypes.QueueAttributeNameApproximateNumberOfMessages
		got, err := queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{attribute}})
		if err != nil {
			return append(found, awsUnreadable("queues", "sqs:GetQueueAttributes"))
		}
		n, err := strconv.Atoi(got.Attributes[string(attribute)])
		if err != nil {
			return append(found, awsUnreadable("queues", "sqs:GetQueueAttributes"))
		}
		if n > 0 {
			found = append(found, problem("queues", text{strconv.Itoa(n) + " in the queue " + name + ": " + q.holds[0], name + " kuyruğunda " + strconv.Itoa(n) + " ileti var: " + q.holds[1]},
				text{"read the attribute reason of each, mend the cause, then move it back: no money moves twice", "her birinin reason niteliğini okuyun, nedeni giderin, sonra geri taşıyın: para iki kez hareket etmez"}))
		}
	}
	if found == nil {
		found = append(found, fine("queues", text{"the dead-letter queues are empty", "ölü ileti kuyrukları boş"}))
	}
	return found
}

// awsUnreadable is a look that AWS did not allow. What AWS said may hold account numbers, and is not shown.
func awsUnreadable(check, permission string) finding {
	return problem(check, filled(text{"AWS did not answer %s", "AWS %s isteğini yanıtlamadı"}, permission),
		text{"use credentials that may do that in this account and region", "bu hesap ve bölgede buna yetkili kimlik bilgileri kullanın"})
}
