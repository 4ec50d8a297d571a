package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/payment"
)

const (
	indexName  = "open"
	mostListed = 1000 // accounts that Open gives at once, whatever the caller asks for
)

// Open implements payment.Store: it asks each shard of the index for its next accounts and merges them, earliest first.
// The index is eventually consistent. A page may hold fewer than limit accounts, or none, and still have a next cursor. A
// cursor that is not one is the caller's fault: CodeInvalidRequest.
func (s *Store) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	at, err := decodeCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	limit = min(max(limit, 1), mostListed)
	bound := sortable(dueBefore)
	var pages [shards]page
	for shard := range pages {
		if pages[shard], err = s.query(ctx, shard, bound, at[shard], limit); err != nil {
			return nil, "", fmt.Errorf("list open accounts: %w", err)
		}
	}
	ids := merge(&pages, &at, limit)
	return ids, at.encode(), nil
}

// page is what one shard gave, and whether it has more.
type page struct {
	entries []position
	more    bool
}

// query asks one shard for its next accounts after a position.
func (s *Store) query(ctx context.Context, shard int, bound string, after position, limit int) (page, error) {
	if after.End || after.Due > bound {
		return page{}, nil
	}
	input := &dynamodb.QueryInput{
		TableName:                aws.String(s.table),
		IndexName:                aws.String(indexName),
		KeyConditionExpression:   aws.String("#shard = :shard AND #due <= :bound"),
		ExpressionAttributeNames: map[string]string{"#shard": shardAttr, "#due": dueAttr},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":shard": text(shardName(shard)), ":bound": text(bound),
		},
		Limit: aws.Int32(int32(limit)),
	}
	if after.ID != "" {
		input.ExclusiveStartKey = map[string]types.AttributeValue{
			shardAttr: text(shardName(shard)), dueAttr: text(after.Due), keyAttr: text(after.ID),
		}
	}
	out, err := s.client.Query(ctx, input)
	if err != nil {
		return page{}, err
	}
	p := page{more: out.LastEvaluatedKey != nil}
	for _, item := range out.Items {
		p.entries = append(p.entries, position{Due: textOf(item[dueAttr]), ID: textOf(item[keyAttr])})
	}
	return p, nil
}

// merge takes the earliest accounts off the pages and moves the cursor behind them. It stops early at a shard whose page
// is used up while the shard has more: what comes there could be earlier than the other shards' next.
func merge(pages *[shards]page, at *positions, limit int) []payment.AccountID {
	var ids []payment.AccountID
	for len(ids) < limit {
		earliest := -1
		for shard, p := range pages {
			if len(p.entries) == 0 && p.more {
				return ids
			}
			if len(p.entries) > 0 && (earliest < 0 || p.entries[0].before(pages[earliest].entries[0])) {
				earliest = shard
			}
		}
		if earliest < 0 {
			break
		}
		at[earliest] = pages[earliest].entries[0]
		pages[earliest].entries = pages[earliest].entries[1:]
		ids = append(ids, payment.AccountID(at[earliest].ID))
	}
	for shard, p := range pages {
		if len(p.entries) == 0 && !p.more {
			at[shard] = position{End: true}
		}
	}
	return ids
}
