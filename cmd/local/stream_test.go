package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/storetest"
)

// scriptedStream is a stream as AWS serves it, which no engine on one machine does: several shards that close and have
// children, pages without records, iterators that expire, records that are trimmed.
type scriptedStream struct {
	shards    []*scriptedShard
	perPage   int
	asked     []string // where iterators were asked for: shard and sequence number
	lists     int
	expire    int   // so many more requests for records find their iterator expired
	fail      error // of every request
	pageOfOne bool  // shards are listed one a page
}

type scriptedShard struct {
	id, parent string
	records    []types.Record // sequence number = index + 1
	closed     bool
	trimmed    int // so many of the first records are gone
}

func (s *scriptedStream) DescribeStream(_ context.Context, in *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error) {
	s.lists++
	if s.fail != nil {
		return nil, s.fail
	}
	out := &types.StreamDescription{}
	rest := s.shards
	if in.ExclusiveStartShardId != nil {
		at := slices.IndexFunc(rest, func(x *scriptedShard) bool { return x.id == *in.ExclusiveStartShardId })
		rest = rest[at+1:]
	}
	if s.pageOfOne && len(rest) > 1 {
		rest, out.LastEvaluatedShardId = rest[:1], aws.String(rest[0].id)
	}
	for _, x := range rest {
		shard := types.Shard{ShardId: aws.String(x.id)}
		if x.parent != "" {
			shard.ParentShardId = aws.String(x.parent)
		}
		out.Shards = append(out.Shards, shard)
	}
	return &dynamodbstreams.DescribeStreamOutput{StreamDescription: out}, nil
}

func (s *scriptedStream) shard(id string) *scriptedShard {
	i := slices.IndexFunc(s.shards, func(x *scriptedShard) bool { return x.id == id })
	if i < 0 {
		return nil
	}
	return s.shards[i]
}

func (s *scriptedStream) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	s.asked = append(s.asked, aws.ToString(in.ShardId)+" "+aws.ToString(in.SequenceNumber))
	x := s.shard(aws.ToString(in.ShardId))
	if x == nil || s.fail != nil {
		return nil, cmp.Or[error](s.fail, &types.ResourceNotFoundException{})
	}
	at := x.trimmed
	if in.ShardIteratorType == types.ShardIteratorTypeAfterSequenceNumber {
		at, _ = strconv.Atoi(aws.ToString(in.SequenceNumber))
		if at < x.trimmed {
			return nil, &types.TrimmedDataAccessException{}
		}
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String(fmt.Sprintf("%s %d", x.id, at))}, nil
}

func (s *scriptedStream) GetRecords(_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	if s.expire > 0 {
		s.expire--
		return nil, &types.ExpiredIteratorException{}
	}
	id, from, _ := strings.Cut(aws.ToString(in.ShardIterator), " ")
	at, err := strconv.Atoi(from)
	if err != nil {
		return nil, err
	}
	x := s.shard(id)
	end := min(len(x.records), at+s.perPage)
	out := &dynamodbstreams.GetRecordsOutput{Records: x.records[at:end]}
	if !x.closed || end < len(x.records) {
		out.NextShardIterator = aws.String(fmt.Sprintf("%s %d", id, end))
	}
	return out, nil
}

// put adds a record of a payment's first image, with one refund.
func (x *scriptedShard) put(paymentID string) *scriptedShard {
	a := storetest.Due(payment.PaymentAccount(paymentID), anyTime)
	a.Operations[0].ID = "rf_" + paymentID
	return x.add(nil, imageOf(a))
}

func (x *scriptedShard) add(old, next map[string]types.AttributeValue) *scriptedShard {
	n := strconv.Itoa(len(x.records) + 1)
	x.records = append(x.records, types.Record{
		EventID:  aws.String(x.id + "/" + n),
		Dynamodb: &types.StreamRecord{SequenceNumber: aws.String(n), OldImage: old, NewImage: next},
	})
	return x
}

// anyTime is when something was due.
var anyTime = time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)

func imageOf(a payment.Account) map[string]types.AttributeValue {
	data, err := payment.EncodeAccount(a)
	if err != nil {
		panic("the sample cannot be stored: " + err.Error())
	}
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: string(a.ID)}, "account": &types.AttributeValueMemberS{Value: string(data)},
	}
}

// reader reads the scripted stream from where the file says.
func (s *scriptedStream) reader(t *testing.T, file string) *stream {
	t.Helper()
	p, err := openPosition(file, "arn:stream")
	if err != nil {
		t.Fatal(err)
	}
	return newStream(s, p, quiet)
}

// drain confirms everything that is pending, and gives the ids of the operations in order.
func drain(t *testing.T, r *stream) string {
	t.Helper()
	var seen []string
	for range 100 {
		changes, confirm, err := r.Pending(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if confirm == nil {
			return strings.Join(seen, " ")
		}
		for _, c := range changes {
			seen = append(seen, c.Detail.ID)
		}
		if err := confirm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("it does not end")
	return ""
}

func TestAShardIsReadWhenItsParentIsPublished(t *testing.T) {
	t.Parallel()
	parent := (&scriptedShard{id: "p", closed: true}).put("1").put("2").put("3")
	left := (&scriptedShard{id: "l", parent: "p", closed: true}).put("4")
	leaf := (&scriptedShard{id: "ll", parent: "l"}).put("5")
	orphan := (&scriptedShard{id: "o", parent: "trimmed long ago"}).put("6")
	for _, paged := range []bool{false, true} {
		s := &scriptedStream{shards: []*scriptedShard{leaf, left, orphan, parent}, perPage: 2, pageOfOne: paged}
		got := strings.Fields(drain(t, s.reader(t, filepath.Join(t.TempDir(), "p"))))
		inOrder := slices.DeleteFunc(slices.Clone(got), func(id string) bool { return id == "rf_6" })
		if len(got) != 6 || strings.Join(inOrder, " ") != "rf_1 rf_2 rf_3 rf_4 rf_5" {
			t.Errorf("paged %v: %q", paged, got)
		}
	}
}

func TestShardsThatBeginLaterAreFound(t *testing.T) {
	t.Parallel()
	first := (&scriptedShard{id: "1"}).put("1")
	s := &scriptedStream{shards: []*scriptedShard{first}, perPage: 10}
	r := s.reader(t, filepath.Join(t.TempDir(), "p"))
	if got := drain(t, r); got != "rf_1" {
		t.Fatal(got)
	}
	lists := s.lists
	if got := drain(t, r); got != "" || s.lists != lists {
		t.Errorf("%q, shards were listed %d times more", got, s.lists-lists)
	}
	first.put("2").closed = true
	s.shards = append(s.shards, (&scriptedShard{id: "2", parent: "1"}).put("3"))
	if got := drain(t, r); got != "rf_2 rf_3" {
		t.Error(got)
	}
}

func TestAReaderGoesOnWhereTheLastOneConfirmed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "p")
	closed := (&scriptedShard{id: "c", closed: true}).put("1")
	open := (&scriptedShard{id: "o", parent: "c"}).put("2").put("3").put("4")
	s := &scriptedStream{shards: []*scriptedShard{closed, open}, perPage: 1}
	r := s.reader(t, file)
	for range 2 { // rf_1 with its shard's end, rf_2
		_, confirm, err := r.Pending(t.Context())
		if err != nil || confirm == nil || confirm(t.Context()) != nil {
			t.Fatal(err)
		}
	}
	if changes, _, err := r.Pending(t.Context()); err != nil || len(changes) != 1 || changes[0].Detail.ID != "rf_3" {
		t.Fatalf("%+v, %v", changes, err)
	}
	s.asked = nil
	if got := drain(t, s.reader(t, file)); got != "rf_3 rf_4" {
		t.Errorf("after a restart: %s", got)
	}
	if !slices.Equal(s.asked, []string{"o 1"}) {
		t.Errorf("iterators: %q", s.asked)
	}
}

func TestWhatIsNotConfirmedComesAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := &scriptedStream{shards: []*scriptedShard{(&scriptedShard{id: "1"}).put("1").put("2")}, perPage: 1}
	r := s.reader(t, filepath.Join(folder, "p"))
	for range 3 {
		changes, confirm, err := r.Pending(t.Context())
		if err != nil || confirm == nil || len(changes) != 1 || changes[0].Detail.ID != "rf_1" {
			t.Fatalf("%+v, %v", changes, err)
		}
	}
	r.position.path = filepath.Join(folder, "absent", "p")
	_, confirm, _ := r.Pending(t.Context())
	if err := confirm(t.Context()); err == nil {
		t.Error("a position that was not kept is confirmed")
	}
	r.position.path = filepath.Join(folder, "p")
	if got := drain(t, r); got != "rf_1 rf_2" {
		t.Error(got)
	}
}

func TestExpiredIteratorsAndErrorsLoseNothing(t *testing.T) {
	t.Parallel()
	shard := (&scriptedShard{id: "1"}).put("1")
	s := &scriptedStream{shards: []*scriptedShard{shard}, perPage: 1}
	r := s.reader(t, filepath.Join(t.TempDir(), "p"))
	if got := drain(t, r); got != "rf_1" {
		t.Fatal(got)
	}
	shard.put("2")
	s.expire = 1
	if got := drain(t, r) + drain(t, r); got != "rf_2" { // the first look only finds that it has expired
		t.Error(got)
	}
	shard.put("3")
	s.fail = errors.New("away")
	if _, _, err := r.Pending(t.Context()); !errors.Is(err, s.fail) {
		t.Errorf("%v", err)
	}
	s.fail = nil
	if got := drain(t, r); got != "rf_3" {
		t.Error(got)
	}
	if want := []string{"1 ", "1 1", "1 2"}; !slices.Equal(s.asked, want) {
		t.Errorf("iterators %q, want %q", s.asked, want)
	}
}

func TestATrimmedStreamGoesOnWithWhatIsLeft(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "p")
	shard := (&scriptedShard{id: "1"}).put("1")
	s := &scriptedStream{shards: []*scriptedShard{shard}, perPage: 1}
	if got := drain(t, s.reader(t, file)); got != "rf_1" {
		t.Fatal(got)
	}
	shard.put("2").put("3").trimmed = 2
	var said strings.Builder
	r := s.reader(t, file)
	r.log = newLog(&said, 0, false)
	if got := drain(t, r) + drain(t, r); got != "rf_3" { // the first look only finds that it was trimmed
		t.Error(got)
	}
	if !strings.Contains(said.String(), "WARN") || !strings.Contains(said.String(), "lost") {
		t.Errorf("log: %q", &said)
	}
	s.shards = []*scriptedShard{(&scriptedShard{id: "2", parent: "1"}).put("4")}
	r = s.reader(t, file)
	if got := drain(t, r); got != "rf_4" || len(r.position.Shards) != 1 {
		t.Errorf("%s, positions: %v", got, r.position.Shards)
	}
}

func TestOnlyChangesOfAccountsArePublished(t *testing.T) {
	t.Parallel()
	before := storetest.Due("PAYMENT#1", anyTime)
	after := storetest.Due("PAYMENT#1", anyTime)
	after.Version, after.Operations[0].Legs[0].State = 2, payment.StateSucceeded
	counter := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "QUOTA#refund#2031-01-02T03:04Z"}}
	for name, c := range map[string]struct {
		old, next map[string]types.AttributeValue
		want      string
	}{
		"first save":         {nil, imageOf(before), "refund.unknown 1"},
		"next save":          {imageOf(before), imageOf(after), "refund.succeeded 2"},
		"no published state": {imageOf(after), imageOf(after), ""},
		"deletion":           {imageOf(after), nil, ""},
		"counter":            {counter, counter, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shard := (&scriptedShard{id: "1"}).add(c.old, c.next)
			r := (&scriptedStream{shards: []*scriptedShard{shard}, perPage: 1}).reader(t, filepath.Join(t.TempDir(), "p"))
			changes, confirm, err := r.Pending(t.Context())
			if err != nil || confirm == nil { // it is confirmed too, so that it is not read again
				t.Fatal(err)
			}
			got := ""
			for _, c := range changes {
				got += fmt.Sprint(c.DetailType, " ", c.Detail.Sequence)
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestAnUnreadableAccountIsNotPassedOver: its events would be lost without anybody noticing.
func TestAnUnreadableAccountIsNotPassedOver(t *testing.T) {
	t.Parallel()
	bad := imageOf(storetest.Due("PAYMENT#1", anyTime))
	bad["account"] = &types.AttributeValueMemberS{Value: `{"f":99}`}
	good := imageOf(storetest.Due("PAYMENT#1", anyTime))
	for name, images := range map[string][2]map[string]types.AttributeValue{"new image": {good, bad}, "old image": {bad, good}} {
		shard := (&scriptedShard{id: "1"}).add(images[0], images[1]).put("2")
		r := (&scriptedStream{shards: []*scriptedShard{shard}, perPage: 10}).reader(t, filepath.Join(t.TempDir(), "p"))
		for range 2 {
			if _, confirm, err := r.Pending(t.Context()); err == nil || confirm != nil || !strings.Contains(err.Error(), "1/1") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestAPositionIsOfOneStream(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "p")
	p, err := openPosition(file, "arn:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.move("s", shardPosition{After: "7"}); err != nil {
		t.Fatal(err)
	}
	if again, err := openPosition(file, "arn:1"); err != nil || again.Shards["s"].After != "7" {
		t.Errorf("%+v, %v", again, err)
	}
	if other, err := openPosition(file, "arn:2"); err != nil || len(other.Shards) != 0 {
		t.Errorf("%+v, %v", other, err)
	}
	if err := writeSynced(file, []byte("{")); err != nil {
		t.Fatal(err)
	}
	if _, err := openPosition(file, "arn:1"); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("%v", err)
	}
}
