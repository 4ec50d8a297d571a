package dynamo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/payment"
)

// The attributes of the table's items.
const (
	keyAttr     = "pk"        // S: the account's id, QUOTA#<endpoint>#<minute>, or QUOTA#own/<day>
	versionAttr = "version"   // N: payment.Account.Version, what a save is conditional on
	writerAttr  = "writer"    // S: a token of the save that wrote the item
	accountAttr = "account"   // S: payment.EncodeAccount; B: the same through gzip, where it is long
	shardAttr   = "openShard" // S: the index's partition, present only while something is due
	dueAttr     = "dueAt"     // S: when it is due, the index's order, present only while something is due
	expiresAttr = "expiresAt" // N: Unix seconds, the table's TTL, present only when nothing is open
	usedAttr    = "used"      // N: slots of the minute that are taken, on quota items only
)

const (
	// sortableTime writes a UTC time so that texts sort as the times do.
	sortableTime = "2006-01-02T15:04:05.000000000Z"

	// shards spread the index over partitions, so that many payments due at once don't meet one partition's limit of
	// 1,000 writes a second. Readers ask every shard: the number may grow, never shrink while items are stored.
	shards = 4

	// keptFor is how long a payment's account outlives the payment: by then iyzico's 365-day rule refuses every late
	// duplicate (docs/iyzico.md §10), and the signed state of a balance callback has ended.
	keptFor = 400 * 24 * time.Hour

	// compressFrom is the length from which an account is stored compressed: about seven operations. DynamoDB bills each KB of
	// an item with every write, and a compressed one takes a quarter. An item may have 400 KB; the largest account has over
	// 700 KB of text.
	compressFrom = 4 << 10
	maxAccount   = 4 << 20 // bytes of an account's text, so that unpacking one is bounded
)

func newItem(a payment.Account, writer string) (map[string]types.AttributeValue, error) {
	data, err := payment.EncodeAccount(a)
	if err != nil {
		return nil, err
	}
	if len(data) > maxAccount {
		return nil, fmt.Errorf("an account of %d bytes, %d are the most", len(data), maxAccount)
	}
	account, err := accountValue(data)
	if err != nil {
		return nil, err
	}
	item := map[string]types.AttributeValue{
		keyAttr:     text(string(a.ID)),
		versionAttr: number(a.Version),
		writerAttr:  text(writer),
		accountAttr: account,
	}
	if due := a.DueAt(); !due.IsZero() {
		item[shardAttr] = text(shardName(shardOf(string(a.ID))))
		item[dueAttr] = text(sortable(due))
	} else if expires, ok := expiry(a); ok {
		item[expiresAttr] = number(expires.Unix())
	}
	return item, nil
}

// accountValue is short accounts as text, which a person can read in the console, and long ones compressed.
func accountValue(data []byte) (types.AttributeValue, error) {
	if len(data) < compressFrom {
		return text(string(data)), nil
	}
	var packed bytes.Buffer
	w := compressors.Get().(*gzip.Writer)
	defer compressors.Put(w)
	w.Reset(&packed)
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("compress account: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress account: %w", err)
	}
	return &types.AttributeValueMemberB{Value: packed.Bytes()}, nil
}

// compressors are kept, because each has a megabyte of its own.
var compressors = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one of gzip's
	}
	return w
}}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack account: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxAccount+1))
	if err != nil {
		return nil, fmt.Errorf("unpack account: %w", err)
	}
	if len(data) > maxAccount {
		return nil, fmt.Errorf("unpack account: more than %d bytes", maxAccount)
	}
	return data, nil
}

// expiry is when the table may forget the account: keptFor after the payment, or after its newest operation if that is
// later. It is false while anything is open, for a fund payment, whose key no 365-day rule protects, and for an account
// that holds no date at all.
func expiry(a payment.Account) (time.Time, bool) {
	if a.ID.PaymentID() == "" {
		return time.Time{}, false
	}
	latest := a.PaidAt
	for i := range a.Operations {
		op := &a.Operations[i]
		if op.Status().Unfinished() {
			return time.Time{}, false
		}
		if op.CreatedAt.After(latest) {
			latest = op.CreatedAt
		}
	}
	return latest.Add(keptFor), !latest.IsZero()
}

func shardOf(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % shards)
}

func shardName(shard int) string { return strconv.Itoa(shard) }

func sortable(t time.Time) string {
	if t = t.UTC(); t.Year() > 9999 {
		t = time.Date(9999, time.December, 31, 23, 59, 59, 999999999, time.UTC)
	}
	return t.Format(sortableTime)
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// textOf is the value of an S, empty for anything else.
func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
