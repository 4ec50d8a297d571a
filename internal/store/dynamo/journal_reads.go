package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
)

// List implements journal.Store: one query of the index, or one for each year until there is enough. The indexes are
// eventually consistent.
func (j *Journal) List(ctx context.Context, r journal.Range) ([]journal.Entry, error) {
	years, err := years(r)
	if err != nil {
		return nil, fmt.Errorf("list the journal by %s: %w", r.Index, err)
	}
	var entries []journal.Entry
	for _, year := range years {
		err := j.query(ctx, query{
			index: string(r.Index), partitionAttr: placeAttr[r.Index], partition: partition(r.Place, year), sortAttr: positionAttr,
			bounds: "#sort BETWEEN :from AND :to", from: r.From, to: r.To, descending: r.Descending,
		}, r.Limit-len(entries)+1, func(item map[string]types.AttributeValue) error {
			if position := textOf(item[positionAttr]); position < r.To { // BETWEEN takes both ends, so one more is asked for
				entries = append(entries, journal.Entry{Position: position, OperationID: textOf(item[keyAttr])})
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list the journal by %s: %w", r.Index, err)
		}
		if len(entries) >= r.Limit {
			return entries[:r.Limit], nil
		}
	}
	return entries, nil
}

// years are the partitions in which a range lies, in its direction: a single one that is not named where the place has none.
func years(r journal.Range) ([]string, error) {
	if r.Index == journal.ByPayment || r.Index == journal.ByReference {
		return []string{""}, nil
	}
	if len(r.From) < yearDigits || len(r.To) < yearDigits {
		return nil, errors.New("a range has both ends")
	}
	first, err := strconv.Atoi(r.From[:yearDigits])
	if err != nil {
		return nil, err
	}
	last, err := strconv.Atoi(r.To[:yearDigits])
	if err != nil {
		return nil, err
	}
	var all []string
	for year := first; year <= last; year++ {
		all = append(all, fmt.Sprintf("%04d", year))
	}
	if r.Descending {
		for i := range len(all) / 2 {
			all[i], all[len(all)-1-i] = all[len(all)-1-i], all[i]
		}
	}
	return all, nil
}

// Records implements journal.Store with a query of the operation's items.
func (j *Journal) Records(ctx context.Context, operationID, after string, limit int) ([]payment.Record, error) {
	return j.records(ctx, query{
		partitionAttr: keyAttr, partition: operationID, sortAttr: sortAttr,
		bounds: "#sort BETWEEN :from AND :to", from: after + "\x00", to: ":", // behind every digit, before operationKey
	}, limit)
}

// Moved implements journal.Store with a query of the index of moved money.
func (j *Journal) Moved(ctx context.Context, day, after string, limit int) ([]payment.Record, error) {
	return j.records(ctx, query{
		index: movedIndex, partitionAttr: movedDayAttr, partition: day, sortAttr: movedAttr, bounds: "#sort >= :from", from: after + "\x00",
	}, limit)
}

func (j *Journal) records(ctx context.Context, q query, limit int) ([]payment.Record, error) {
	var records []payment.Record
	err := j.query(ctx, q, limit, func(item map[string]types.AttributeValue) error {
		var r payment.Record
		if err := json.Unmarshal([]byte(textOf(item[recordAttr])), &r); err != nil {
			return fmt.Errorf("decode record: %w", err)
		}
		records = append(records, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal of %s: %w", q.partition, err)
	}
	return records, nil
}

// query is one range of one partition.
type query struct {
	index                              string // empty = the table itself
	partitionAttr, partition, sortAttr string
	bounds, from, to                   string
	descending                         bool
	consistent                         bool // strongly; an index cannot be read so
}

// query gives each item of a range to take, at most limit of them.
func (j *Journal) query(ctx context.Context, q query, limit int, take func(map[string]types.AttributeValue) error) error {
	input := &dynamodb.QueryInput{
		TableName:                 aws.String(j.table),
		KeyConditionExpression:    aws.String("#partition = :partition AND " + q.bounds),
		ExpressionAttributeNames:  map[string]string{"#partition": q.partitionAttr, "#sort": q.sortAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{":partition": text(q.partition), ":from": text(q.from)},
		ScanIndexForward:          aws.Bool(!q.descending),
		ConsistentRead:            aws.Bool(q.consistent),
	}
	if q.to != "" {
		input.ExpressionAttributeValues[":to"] = text(q.to)
	}
	if q.index != "" {
		input.IndexName = aws.String(q.index)
	}
	for limit > 0 {
		input.Limit = aws.Int32(int32(min(limit, mostListed)))
		out, err := j.client.Query(ctx, input)
		if err != nil {
			return err
		}
		for _, item := range out.Items {
			if err := take(item); err != nil {
				return err
			}
		}
		if limit -= len(out.Items); out.LastEvaluatedKey == nil {
			return nil
		}
		input.ExclusiveStartKey = out.LastEvaluatedKey
	}
	return nil
}

const (
	mostKeys   = 100 // that BatchGetItem takes
	batchTries = 8   // that keys which DynamoDB gives back unread are asked for again
)

// Operations implements journal.Store. Keys that DynamoDB leaves unread are asked for again, a little later each time.
func (j *Journal) Operations(ctx context.Context, ids []string) (map[string]payment.Resource, error) {
	found := make(map[string]payment.Resource, len(ids))
	for len(ids) > 0 {
		batch := ids[:min(len(ids), mostKeys)]
		ids = ids[len(batch):]
		if err := j.batch(ctx, batch, found); err != nil {
			return nil, fmt.Errorf("read operations of the journal: %w", err)
		}
	}
	return found, nil
}

func (j *Journal) batch(ctx context.Context, ids []string, found map[string]payment.Resource) error {
	var keys []map[string]types.AttributeValue
	asked := map[string]bool{}
	for _, id := range ids {
		if !asked[id] { // DynamoDB refuses a key that stands twice
			asked[id] = true
			keys = append(keys, map[string]types.AttributeValue{keyAttr: text(id), sortAttr: text(operationKey)})
		}
	}
	for try := 0; len(keys) > 0; try++ {
		if try == batchTries {
			return fmt.Errorf("%d were left unread", len(keys))
		}
		if try > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(rand.N(firstPause << min(try, attempts))):
			}
		}
		out, err := j.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{j.table: {Keys: keys}},
		})
		if err != nil {
			return err
		}
		for _, item := range out.Responses[j.table] {
			op, err := decodeOperation(Item(item))
			if err != nil {
				return err
			}
			found[op.ID] = op
		}
		keys = out.UnprocessedKeys[j.table].Keys
	}
	return nil
}

func decodeOperation(attribute Attribute) (op payment.Resource, err error) {
	plain, packed := attribute(operationAttr)
	data := []byte(plain)
	if len(packed) > 0 {
		if data, err = unpack(packed); err != nil {
			return op, err
		}
	}
	if err := json.Unmarshal(data, &op); err != nil {
		return op, fmt.Errorf("decode operation: %w", err)
	}
	return op, nil
}
