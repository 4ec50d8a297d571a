package dynamo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/storetest"
)

func TestCreateTableMakesTheDeclaredTable(t *testing.T) {
	t.Parallel()
	_, _, made := newStore(t)
	if err := dynamo.CreateTable(t.Context(), made.client, made.name); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	out, err := made.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(made.name)})
	if err != nil {
		t.Fatal(err)
	}
	if spec := out.Table.StreamSpecification; spec == nil || !aws.ToBool(spec.StreamEnabled) || spec.StreamViewType != types.StreamViewTypeNewAndOldImages {
		t.Errorf("stream: %+v", spec)
	}
	if n := len(out.Table.GlobalSecondaryIndexes); n != 1 {
		t.Fatalf("%d indexes", n)
	}
	index := out.Table.GlobalSecondaryIndexes[0]
	if aws.ToString(index.IndexName) != "open" || index.Projection.ProjectionType != types.ProjectionTypeKeysOnly {
		t.Errorf("index %s, projection %s", aws.ToString(index.IndexName), index.Projection.ProjectionType)
	}
	ttl, err := made.client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(made.name)})
	if err != nil || aws.ToString(ttl.TimeToLiveDescription.AttributeName) != "expiresAt" {
		t.Errorf("TTL: %+v, %v", ttl, err)
	}
}

// A refund on a known payment is one read and two writes at the store; this is the unit it counts in.
func TestEveryCallIsOneRequest(t *testing.T) {
	t.Parallel()
	s, w, _ := newStore(t)
	for _, call := range []struct {
		name string
		want int
		do   func() error
	}{
		{"save of a first image", 1, func() error { return s.Save(t.Context(), image("PAYMENT#1", 1)) }},
		{"save of a next image", 1, func() error { return s.Save(t.Context(), image("PAYMENT#1", 2)) }},
		{"save of the largest image", 1, func() error { return s.Save(t.Context(), storetest.Largest("PAYMENT#2", 500)) }},
		{"load", 1, func() error { _, err := s.Load(t.Context(), "PAYMENT#1"); return err }},
		{"load of the largest image", 1, func() error { _, err := s.Load(t.Context(), "PAYMENT#2"); return err }},
		{"load of nothing", 1, func() error { _, err := s.Load(t.Context(), "PAYMENT#3"); return err }},
		{"open, one a shard", 4, func() error { _, _, err := s.Open(t.Context(), due, "", 10); return err }},
		{"take", 1, func() error { _, err := s.Take(t.Context(), "refund", due, 1); return err }},
	} {
		w.total()
		if err := call.do(); err != nil {
			t.Fatal(err)
		}
		if got := w.total(); got != call.want {
			t.Errorf("%s: %d requests, want %d", call.name, got, call.want)
		}
	}
}

// DynamoDB ends a page where it likes, for one after 1 MB. Order and completeness must not depend on where.
func TestOpenKeepsItsOrderWhenDynamoDBCutsPagesShort(t *testing.T) {
	t.Parallel()
	s, w, _ := newStore(t)
	const accounts = 20
	want := make([]payment.AccountID, accounts)
	for i, place := range rand.New(rand.NewPCG(1, 2)).Perm(accounts) { // so that shards have runs of neighbours
		a := storetest.Due(payment.PaymentAccount(fmt.Sprint(i)), due.Add(time.Duration(place)*time.Second))
		save(t, s, a)
		want[place] = a.ID
	}
	w.on("Query", func(_ int, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		var query map[string]any
		if err := json.NewDecoder(r.Body).Decode(&query); err != nil {
			return nil, err
		}
		query["Limit"] = 2
		body, err := json.Marshal(query)
		if err != nil {
			return nil, err
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return send()
	})
	var got []payment.AccountID
	cursor := ""
	for range 4 * accounts {
		ids, next, err := s.Open(t.Context(), due.Add(time.Hour), cursor, 10)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids...)
		if cursor = next; cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) || cursor != "" {
		t.Errorf("Open lists %v, want %v; the last cursor is %q", got, want, cursor)
	}
}

// The engine's reads are never stale, so only the request shows it.
func TestLoadAsksForAConsistentRead(t *testing.T) {
	t.Parallel()
	s, w, _ := newStore(t)
	var request struct{ ConsistentRead bool }
	w.on("GetItem", func(_ int, r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		return nil, json.Unmarshal(body, &request)
	})
	if _, err := s.Load(t.Context(), "PAYMENT#1"); err != nil || !request.ConsistentRead {
		t.Errorf("consistent: %v, %v", request.ConsistentRead, err)
	}
}

// DynamoDB refuses a query that would start outside its own bound; the engine does not.
func TestOpenStartsNoQueryBeyondItsBound(t *testing.T) {
	t.Parallel()
	s, w, _ := newStore(t)
	for i := range 8 {
		save(t, s, storetest.Due(payment.PaymentAccount(fmt.Sprint(i)), due.Add(time.Duration(i)*time.Second)))
	}
	_, cursor, err := s.Open(t.Context(), due.Add(time.Hour), "", 4)
	if err != nil || cursor == "" {
		t.Fatalf("first page: cursor %q, %v", cursor, err)
	}
	bound := due.Add(time.Second)
	w.on("Query", func(_ int, r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var query struct {
			ExclusiveStartKey map[string]struct{ S string }
		}
		if err := json.Unmarshal(body, &query); err != nil {
			return nil, err
		}
		if key, ok := query.ExclusiveStartKey["dueAt"]; ok {
			start, err := time.Parse(time.RFC3339Nano, key.S)
			if err != nil || start.After(bound) {
				t.Errorf("a query up to %s starts after %q", bound, key.S)
			}
		}
		return nil, nil
	})
	if ids, next, err := s.Open(t.Context(), bound, cursor, 4); len(ids) > 0 || next != "" || err != nil {
		t.Errorf("Open before what the cursor has passed: %v, %q, %v", ids, next, err)
	}
}
