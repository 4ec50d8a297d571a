package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
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
		return []finding{skipped("table", why), skipped("queues", why)}
	}
	config := aws.Config{Region: region, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }), HTTPClient: p.client.http}
	endpoint := func(name string) *string {
		if address := p.getenv(name); address != "" {
			return &address
		}
		return nil
	}
	table := dynamodb.NewFromConfig(config, func(o *dynamodb.Options) { o.BaseEndpoint = endpoint("AWS_ENDPOINT_URL_DYNAMODB") })
	queues := sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = endpoint("AWS_ENDPOINT_URL_SQS") })
	return append([]finding{p.lookAtTable(ctx, table)}, p.lookAtQueues(ctx, queues)...)
}

// lookAtTable finds the stack's table and says whether its changes are published and whether it can be restored.
func (p *patient) lookAtTable(ctx context.Context, db *dynamodb.Client) finding {
	name := p.table
	if name == "" {
		// CloudFormation names it after the stack and the logical id; names are listed in alphabetical order.
		prefix := p.stack + "-Table-"
		listed, err := db.ListTables(ctx, &dynamodb.ListTablesInput{ExclusiveStartTableName: &prefix, Limit: aws.Int32(1)})
		if err != nil {
			return awsUnreadable("table", "dynamodb:ListTables")
		}
		if len(listed.TableNames) == 0 || !strings.HasPrefix(listed.TableNames[0], prefix) {
			return skipped("table", text{"the stack has no table of its own in this region: name it with -table", "yığının bu bölgede kendi tablosu yok: -table ile belirtin"})
		}
		name = listed.TableNames[0]
	}
	described, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil || described.Table == nil {
		return awsUnreadable("table", "dynamodb:DescribeTable")
	}
	if s := described.Table.StreamSpecification; s == nil || !aws.ToBool(s.StreamEnabled) || s.StreamViewType != dynamotypes.StreamViewTypeNewAndOldImages {
		return problem("table", filled(text{"the table %s has no stream of both images: no event is published and no journal is written", "%s tablosunda eski ve yeni görüntülü akış yok: olay yayımlanmaz, kayıt defteri yazılmaz"}, name),
			text{"deploy the stack again, or enable the stream with NEW_AND_OLD_IMAGES", "yığını yeniden kurun veya akışı NEW_AND_OLD_IMAGES ile açın"})
	}
	backups, err := db.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if err != nil || backups.ContinuousBackupsDescription == nil {
		return awsUnreadable("table", "dynamodb:DescribeContinuousBackups")
	}
	if r := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription; r == nil || r.PointInTimeRecoveryStatus != dynamotypes.PointInTimeRecoveryStatusEnabled {
		return problem("table", filled(text{"the table %s cannot be restored to a moment: what is lost from it stays lost", "%s tablosu bir ana geri döndürülemez: kaybolan kayıp kalır"}, name),
			text{"enable point-in-time recovery", "anlık kurtarmayı (point-in-time recovery) açın"})
	}
	return fine("table", filled(text{"%s has its stream and can be restored", "%s tablosunun akışı var ve geri yüklenebilir"}, name))
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
