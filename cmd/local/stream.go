package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/iade/iade/internal/payment"
)

// streamReads are the requests that reading a stream needs.
type streamReads interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

const (
	// listEvery is how old the list of shards may get. It is read at once when a shard ends, which is when others begin.
	listEvery = 30 * time.Second
	// mostShardPages bounds one list of shards, at 100 a page.
	mostShardPages = 100
)

// stream reads a table's changes, each account's in the order of its writes: a shard is read when all of the one that it
// came from is published. It is for one reader.
type stream struct {
	client    streamReads
	position  *position
	log       *slog.Logger
	shards    []types.Shard
	listedAt  time.Time         // zero = list them now
	iterators map[string]string // of the shards that are being read
	turn      int               // which shard is asked first

	// record brings changes into the journal before they are handed out; nil = there is none.
	record func(context.Context, []payment.Record) error
	page   *streamPage // read and not confirmed
}

// streamPage is what one request gave of one shard.
type streamPage struct {
	shard   string
	changes []payment.Change
	records []payment.Record // that the journal does not hold yet
	to      shardPosition    // once it is published
}

func newStream(client streamReads, position *position, log *slog.Logger) *stream {
	return &stream{client: client, position: position, log: log, iterators: map[string]string{}}
}

// Pending implements outbox. The same page comes again until it is confirmed.
func (s *stream) Pending(ctx context.Context) ([]payment.Change, func(context.Context) error, error) {
	if s.page == nil {
		page, err := s.next(ctx)
		if err != nil {
			s.startOver()
			return nil, nil, fmt.Errorf("read stream: %w", err)
		}
		if page == nil {
			return nil, nil, nil
		}
		s.page = page
	}
	page := s.page
	if s.record != nil && len(page.records) > 0 {
		if err := s.record(ctx, page.records); err != nil {
			return nil, nil, fmt.Errorf("keep the journal: %w", err)
		}
		page.records = nil
	}
	return page.changes, func(context.Context) error {
		if err := s.position.move(page.shard, page.to); err != nil {
			return err
		}
		s.page = nil
		return nil
	}, nil
}

// startOver reads the list of shards and every iterator anew: after an error none of them is trusted.
func (s *stream) startOver() {
	s.listedAt = time.Time{}
	clear(s.iterators)
}

// next asks the shards in turn for a page with records, or with a shard's end. It is nil when no shard has any now.
func (s *stream) next(ctx context.Context) (*streamPage, error) {
	if time.Since(s.listedAt) > listEvery {
		if err := s.list(ctx); err != nil {
			return nil, err
		}
	}
	s.turn++
	for i := range s.shards {
		shard := s.shards[(s.turn+i)%len(s.shards)]
		if !s.readable(shard) {
			continue
		}
		if page, err := s.read(ctx, aws.ToString(shard.ShardId)); page != nil || err != nil {
			return page, err
		}
	}
	return nil, nil
}

// list reads which shards there are, and forgets the positions in those that are no more.
func (s *stream) list(ctx context.Context) error {
	var shards []types.Shard
	input := &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(s.position.Stream)}
	for range mostShardPages {
		out, err := s.client.DescribeStream(ctx, input)
		if err != nil {
			return err
		}
		shards = append(shards, out.StreamDescription.Shards...)
		input.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId
		if input.ExclusiveStartShardId == nil {
			s.shards, s.listedAt = shards, time.Now()
			s.position.forgetAllBut(shards)
			return nil
		}
	}
	return fmt.Errorf("it has more than %d pages of shards", mostShardPages)
}

// readable tells whether a shard has something left, and its parent has not. A parent that is not listed any more is older
// than what the stream holds.
func (s *stream) readable(shard types.Shard) bool {
	if s.position.Shards[aws.ToString(shard.ShardId)].Ended {
		return false
	}
	for _, other := range s.shards {
		if shard.ParentShardId != nil && *shard.ParentShardId == aws.ToString(other.ShardId) {
			return s.position.Shards[*shard.ParentShardId].Ended
		}
	}
	return true
}

// read asks one shard for its next page; nil = nothing new.
func (s *stream) read(ctx context.Context, shard string) (*streamPage, error) {
	records, next, err := s.records(ctx, shard)
	var expired *types.ExpiredIteratorException
	var trimmed *types.TrimmedDataAccessException
	switch {
	case errors.As(err, &expired):
		delete(s.iterators, shard) // the next look makes another one
		return nil, nil
	case errors.As(err, &trimmed):
		s.log.Warn("the stream has dropped changes that were not read in time: their events are lost", "shard", shard)
		delete(s.iterators, shard)
		return nil, s.position.move(shard, shardPosition{})
	case err != nil:
		return nil, err
	}
	page := &streamPage{shard: shard, to: s.position.Shards[shard]}
	for _, record := range records {
		changes, changed, err := changesOf(record)
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", aws.ToString(record.EventID), err)
		}
		page.changes, page.records = append(page.changes, changes...), append(page.records, changed...)
		page.to.After = aws.ToString(record.Dynamodb.SequenceNumber)
	}
	if next == nil {
		page.to.Ended, s.listedAt = true, time.Time{}
		delete(s.iterators, shard)
		return page, nil
	}
	s.iterators[shard] = *next
	if len(records) == 0 {
		return nil, nil
	}
	return page, nil
}

func (s *stream) records(ctx context.Context, shard string) ([]types.Record, *string, error) {
	iterator, ok := s.iterators[shard]
	if !ok {
		out, err := s.client.GetShardIterator(ctx, s.begin(shard))
		if err != nil {
			return nil, nil, err
		}
		iterator = aws.ToString(out.ShardIterator)
	}
	out, err := s.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: aws.String(iterator), Limit: aws.Int32(outboxBatch)})
	if err != nil {
		return nil, nil, err
	}
	return out.Records, out.NextShardIterator, nil
}

// begin is where to go on in a shard.
func (s *stream) begin(shard string) *dynamodbstreams.GetShardIteratorInput {
	input := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: aws.String(s.position.Stream), ShardId: aws.String(shard), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	}
	if after := s.position.Shards[shard].After; after != "" {
		input.ShardIteratorType, input.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, aws.String(after)
	}
	return input
}
