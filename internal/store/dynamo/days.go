package dynamo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/payment"
)

// Days and the parts of their readings stand in the journal's table, in none of its indexes: the days below daysKey, in order,
// and the parts of one reading below partsKey, the day and the time. No operation's id begins like these.
const (
	daysKey      = "days"
	partsKey     = "day#"
	dayAttr      = "day"      // S: the record, or the part, as JSON; B: the same through gzip, where it is long
	revisionAttr = "revision" // N: of the record
)

// partsKept is how long the parts of a reading stay.
const partsKept = 8 * 24 * time.Hour

// Day implements dayclose.Store.
func (j *Journal) Day(ctx context.Context, date payment.Day) (dayclose.Record, error) {
	records, err := j.Days(ctx, date, date)
	if err != nil || len(records) == 0 {
		return dayclose.Record{}, err
	}
	return records[0], nil
}

// SaveDay implements dayclose.Store with one conditional write. The SDK may repeat it: what is stored already, word for word, is
// no conflict.
func (j *Journal) SaveDay(ctx context.Context, r dayclose.Record) error {
	value, err := dayValue(r)
	if err != nil {
		return fmt.Errorf("save day %s: %w", r.Day.Date, err)
	}
	condition, values := "attribute_not_exists(#revision)", map[string]types.AttributeValue(nil)
	if r.Revision > 1 {
		condition, values = "#revision = :before", map[string]types.AttributeValue{":before": number(r.Revision - 1)}
	}
	_, err = j.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(j.table),
		Item: map[string]types.AttributeValue{
			keyAttr: text(daysKey), sortAttr: text(string(r.Day.Date)), dayAttr: value, revisionAttr: number(r.Revision),
			expiresAttr: number(r.Day.Date.Start().Add(j.kept).Unix()),
		},
		ConditionExpression: aws.String(condition), ExpressionAttributeNames: map[string]string{"#revision": revisionAttr},
		ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var other *types.ConditionalCheckFailedException
	if errors.As(err, &other) {
		if sameDay(other.Item, r) {
			return nil
		}
		return fmt.Errorf("save day %s: %w", r.Day.Date, dayclose.ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("save day %s: %w", r.Day.Date, err)
	}
	return nil
}

// sameDay tells whether an item is that record, word for word.
func sameDay(item map[string]types.AttributeValue, r dayclose.Record) bool {
	ours, err := json.Marshal(r)
	if err != nil || !reflect.DeepEqual(item[revisionAttr], number(r.Revision)) {
		return false
	}
	stored, err := dayData(item)
	return err == nil && bytes.Equal(stored, ours)
}

// Days implements dayclose.Store with strongly consistent queries of one partition.
func (j *Journal) Days(ctx context.Context, from, to payment.Day) ([]dayclose.Record, error) {
	var records []dayclose.Record
	err := j.below(ctx, daysKey, string(from), string(to), func(item map[string]types.AttributeValue) error {
		var r dayclose.Record
		if err := readDayValue(item, &r); err != nil {
			return err
		}
		revision, ok := item[revisionAttr].(*types.AttributeValueMemberN)
		if !ok {
			return errors.New("decode day: it has no revision")
		}
		n, err := strconv.ParseInt(revision.Value, 10, 64)
		if err != nil {
			return fmt.Errorf("decode day: %w", err)
		}
		r.Revision = n
		records = append(records, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	return records, nil
}

// SavePart implements dayclose.Store. A part expires by itself.
func (j *Journal) SavePart(ctx context.Context, p dayclose.Part) error {
	value, err := accountValue(p.Data)
	if err == nil {
		_, err = j.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(j.table),
			Item: map[string]types.AttributeValue{
				keyAttr: text(partsOf(p.Date, p.Reading)), sortAttr: text(p.Name), dayAttr: value,
				expiresAttr: number(p.Reading.Add(partsKept).Unix()),
			},
		})
	}
	if err != nil {
		return fmt.Errorf("save %s of day %s: %w", p.Name, p.Date, err)
	}
	return nil
}

// Parts implements dayclose.Store.
func (j *Journal) Parts(ctx context.Context, date payment.Day, reading time.Time) ([]dayclose.Part, error) {
	var parts []dayclose.Part
	err := j.below(ctx, partsOf(date, reading), " ", "~", func(item map[string]types.AttributeValue) error {
		data, err := dayData(item)
		parts = append(parts, dayclose.Part{Date: date, Reading: reading, Name: textOf(item[sortAttr]), Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what was gathered of day %s: %w", date, err)
	}
	return parts, nil
}

func partsOf(date payment.Day, reading time.Time) string {
	return partsKey + string(date) + "#" + reading.UTC().Format(time.RFC3339Nano)
}

// below gives every item of a partition between two sort keys, both included, to take.
func (j *Journal) below(ctx context.Context, partition, from, to string, take func(map[string]types.AttributeValue) error) error {
	return j.query(ctx, query{
		partitionAttr: keyAttr, partition: partition, sortAttr: sortAttr, bounds: "#sort BETWEEN :from AND :to", from: from, to: to,
		consistent: true,
	}, math.MaxInt, take)
}

func dayValue(r dayclose.Record) (types.AttributeValue, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return accountValue(data)
}

func dayData(item map[string]types.AttributeValue) ([]byte, error) {
	plain, packed := Item(item)(dayAttr)
	if len(packed) > 0 {
		return unpack(packed)
	}
	return []byte(plain), nil
}

func readDayValue(item map[string]types.AttributeValue, r *dayclose.Record) error {
	data, err := dayData(item)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, r); err != nil {
		return fmt.Errorf("decode day: %w", err)
	}
	return nil
}
