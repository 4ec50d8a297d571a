package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// The attributes of the journal's items. All of one operation stand together: the operation itself and, after it, its
// records. Both have keyAttr, the operation's id, and expiresAttr, the table's TTL.
const (
	sortAttr      = "sk"         // S: journal.Key of a record, or operationKey
	recordAttr    = "record"     // S: the record as JSON
	movedDayAttr  = "movedDay"   // S: the day in Istanbul, only on a record of moved money
	movedAttr     = "movedAt"    // S: journal.MovedKey, beside movedDay
	operationAttr = "operation"  // S: the operation as JSON; B: the same through gzip, where it is long
	sequenceAttr  = "sequence"   // N: of the record that left the operation so
	positionAttr  = "createdAt"  // S: journal.PositionOf, the order in every index of operations
	yearAttr      = "year"       // S: the year in which the operation was accepted, in UTC
	statusAttr    = "statusYear" // S: status#year
	kindAttr      = "kindYear"   // S: kind#year
	paymentAttr   = "paymentId"  // S
	referenceAttr = "reference"  // S
)

// operationKey sorts after every record's key.
const operationKey = "operation"

const movedIndex = "moved"

// placeAttr names each index's partition. By time, status and kind a partition holds one year: it grows with the years no
// further, and a search without a time asks a dozen of them. All writes of a moment go to the same partitions, each of which
// takes 1,000 a second; a refund writes to each at most three times, and iyzico takes some dozens of refunds a minute.
var placeAttr = map[journal.Index]string{
	journal.ByTime: yearAttr, journal.ByStatus: statusAttr, journal.ByKind: kindAttr,
	journal.ByPayment: paymentAttr, journal.ByReference: referenceAttr,
}

// Journal is a journal.Store in a DynamoDB table of its own. It is safe for concurrent use, by any number of processes.
type Journal struct {
	client *dynamodb.Client
	table  string
	kept   time.Duration
}

// NewJournal gives the journal in that table, which must exist. What it keeps expires that long after it was written.
func NewJournal(client *dynamodb.Client, table string, kept time.Duration) *Journal {
	return &Journal{client, table, kept}
}

// Append implements journal.Store with conditional writes: a record that is there stays, and an operation gives way to a
// newer one alone. The SDK may repeat each of them.
func (j *Journal) Append(ctx context.Context, records []payment.Record) error {
	for i, r := range records {
		item, err := j.recordItem(r)
		if err == nil {
			err = j.put(ctx, item, "attribute_not_exists(#key)", map[string]string{"#key": keyAttr}, nil)
		}
		if err == nil && (i+1 == len(records) || records[i+1].OperationID != r.OperationID) {
			if item, err = j.operationItem(r); err == nil {
				err = j.put(ctx, item, "attribute_not_exists(#sequence) OR #sequence <= :sequence",
					map[string]string{"#sequence": sequenceAttr}, map[string]types.AttributeValue{":sequence": number(r.Sequence)})
			}
		}
		if err != nil {
			return fmt.Errorf("append %s of %s to the journal: %w", journal.Key(r), r.OperationID, err)
		}
	}
	return nil
}

// put writes an item unless the condition says that it is there already.
func (j *Journal) put(ctx context.Context, item map[string]types.AttributeValue, condition string, names map[string]string, values map[string]types.AttributeValue) error {
	_, err := j.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(j.table), Item: item,
		ConditionExpression: aws.String(condition), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	var there *types.ConditionalCheckFailedException
	if errors.As(err, &there) {
		return nil
	}
	return err
}

func (j *Journal) recordItem(r payment.Record) (map[string]types.AttributeValue, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	item := map[string]types.AttributeValue{
		keyAttr: text(r.OperationID), sortAttr: text(journal.Key(r)), recordAttr: text(string(data)), expiresAttr: j.expires(r),
	}
	if r.Movement != nil {
		item[movedDayAttr], item[movedAttr] = text(journal.MovedDay(r)), text(journal.MovedKey(r))
	}
	return item, nil
}

func (j *Journal) operationItem(r payment.Record) (map[string]types.AttributeValue, error) {
	data, err := json.Marshal(r.Operation)
	if err != nil {
		return nil, err
	}
	value, err := accountValue(data)
	if err != nil {
		return nil, err
	}
	item := map[string]types.AttributeValue{
		keyAttr: text(r.OperationID), sortAttr: text(operationKey), operationAttr: value, sequenceAttr: number(r.Sequence),
		positionAttr: text(journal.PositionOf(r.Operation)), expiresAttr: j.expires(r),
	}
	year := journal.PositionOf(r.Operation)[:yearDigits]
	for _, p := range journal.Places(r.Operation) {
		item[placeAttr[p.Index]] = text(partition(p, year))
	}
	return item, nil
}

// expires is the table's TTL: kept after the record was made.
func (j *Journal) expires(r payment.Record) types.AttributeValue {
	return number(r.At.Add(j.kept).Unix())
}

const yearDigits = 4

// partition is the value of an index's key: of time, status and kind a year's.
func partition(p journal.Place, year string) string {
	switch p.Index {
	case journal.ByTime:
		return year
	case journal.ByStatus, journal.ByKind:
		return p.Value + "#" + year
	case journal.ByPayment, journal.ByReference:
	}
	return p.Value
}
