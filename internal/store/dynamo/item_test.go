package dynamo

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/storetest"
)

var paidAt = time.Date(2031, time.January, 2, 3, 4, 5, 0, time.UTC)

// operation has that status, made that many days after the payment.
func operation(state payment.State, days int) payment.Operation {
	leg := payment.Leg{API: payment.APIRefund, State: state}
	return payment.Operation{Kind: payment.KindRefund, Legs: []payment.Leg{leg}, CreatedAt: paidAt.AddDate(0, 0, days)}
}

func TestAccountsExpireOnceNothingIsOpen(t *testing.T) {
	t.Parallel()
	fund := payment.AccountID("FUND#fp_aaaaaaaaaaaaaaaaaaaaaaaaaa")
	for name, tc := range map[string]struct {
		id         payment.AccountID
		paidAt     time.Time
		operations []payment.Operation
		days       int // after the payment; 0 = never
	}{
		"settled":                     {"PAYMENT#1", paidAt, []payment.Operation{operation(payment.StateSucceeded, 0)}, 400},
		"refused":                     {"PAYMENT#1", paidAt, []payment.Operation{operation(payment.StateRejected, 0)}, 400},
		"no operation":                {"PAYMENT#1", paidAt, nil, 400},
		"newest operation counts":     {"PAYMENT#1", paidAt, []payment.Operation{operation(payment.StateSucceeded, 300), operation(payment.StateExpired, 364)}, 764},
		"payment time unknown":        {"PAYMENT#1", time.Time{}, []payment.Operation{operation(payment.StateSucceeded, 1)}, 401},
		"no date at all":              {"PAYMENT#1", time.Time{}, nil, 0},
		"one of two unfinished":       {"PAYMENT#1", paidAt, []payment.Operation{operation(payment.StateSucceeded, 0), operation(payment.StateUnknown, 1)}, 0},
		"needs review":                {"PAYMENT#1", paidAt, []payment.Operation{operation(payment.StateNeedsReview, 0)}, 0},
		"a fund payment":              {fund, paidAt, []payment.Operation{operation(payment.StateSucceeded, 0)}, 0},
		"a fund payment without date": {fund, time.Time{}, nil, 0},
	} {
		item, err := newItem(payment.Account{ID: tc.id, Version: 1, PaidAt: tc.paidAt, Operations: tc.operations}, "writer")
		if err != nil {
			t.Fatal(err)
		}
		got, want := "", ""
		if n, ok := item[expiresAttr].(*types.AttributeValueMemberN); ok {
			got = n.Value
		}
		if tc.days > 0 {
			want = fmt.Sprint(paidAt.AddDate(0, 0, tc.days).Unix())
		}
		if got != want {
			t.Errorf("%s: expires at %q, want %q", name, got, want)
		}
	}
}

// Whatever is due must never be forgotten, even if all its operations look finished.
func TestAnAccountWithSomethingDueIsIndexedAndNeverExpires(t *testing.T) {
	t.Parallel()
	followUp := operation(payment.StateRejected, 0)
	followUp.FollowUps = []time.Time{paidAt.Add(time.Hour)}
	a := payment.Account{ID: "PAYMENT#1", Version: 1, PaidAt: paidAt, Operations: []payment.Operation{followUp}}
	item, err := newItem(a, "writer")
	if err != nil {
		t.Fatal(err)
	}
	if item[expiresAttr] != nil {
		t.Error("it expires")
	}
	if got := textOf(item[dueAttr]); got != "2031-01-02T04:04:05.000000000Z" {
		t.Errorf("due at %q", got)
	}
	if got := textOf(item[shardAttr]); got != shardName(shardOf("PAYMENT#1")) {
		t.Errorf("shard %q", got)
	}

	a.Operations[0].FollowUps = nil
	if item, err = newItem(a, "writer"); err != nil {
		t.Fatal(err)
	}
	if item[dueAttr] != nil || item[shardAttr] != nil {
		t.Error("an account with nothing due is in the index")
	}
}

// DynamoDB refuses an item of more than 400 KB, names included. A payment with the most operations, every text as long
// as it may be, must stay below with room to spare for one more cancel.
func TestTheLargestAccountFitsAnItem(t *testing.T) {
	t.Parallel()
	const itemLimit, ordinary = 400 << 10, 1
	for _, tc := range []struct {
		operations int
		packed     bool
	}{{ordinary, false}, {500, true}} {
		a := storetest.Largest("PAYMENT#1", tc.operations)
		if tc.operations == ordinary {
			a.Lines = a.Lines[:1]
		}
		item, err := newItem(a, "writer")
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for name, value := range item {
			switch v := value.(type) {
			case *types.AttributeValueMemberS:
				size += len(name) + len(v.Value)
			case *types.AttributeValueMemberN:
				size += len(name) + len(v.Value)
			case *types.AttributeValueMemberB:
				size += len(name) + len(v.Value)
			}
		}
		t.Logf("%d operations: %d bytes", tc.operations, size)
		if size > itemLimit*9/10 {
			t.Errorf("%d operations: an item of %d bytes", tc.operations, size)
		}
		if _, packed := item[accountAttr].(*types.AttributeValueMemberB); packed != tc.packed {
			t.Errorf("%d operations: compressed %v", tc.operations, packed)
		}
	}
}

func TestUnpackIsBounded(t *testing.T) {
	t.Parallel()
	pack := func(length int) []byte {
		t.Helper()
		v, err := accountValue(make([]byte, length))
		if err != nil {
			t.Fatal(err)
		}
		return v.(*types.AttributeValueMemberB).Value
	}
	if data, err := unpack(pack(maxAccount)); err != nil || len(data) != maxAccount {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, err := unpack(pack(maxAccount + 1)); err == nil {
		t.Error("more than the bound was unpacked")
	}
	tooLong := payment.Account{ID: "PAYMENT#1", Version: 1, PaymentID: strings.Repeat("1", maxAccount)}
	if _, err := newItem(tooLong, "writer"); err == nil {
		t.Error("an account was packed that nobody could unpack")
	}
	whole := pack(compressFrom)
	for _, packed := range [][]byte{nil, []byte("text"), whole[:len(whole)/2]} {
		if _, err := unpack(packed); err == nil {
			t.Errorf("%d bytes that are no account were unpacked", len(packed))
		}
	}
}

func TestPausesGrowWithinBounds(t *testing.T) {
	t.Parallel()
	bound := firstPause
	sum := time.Duration(0)
	for attempt := range attempts - 1 {
		for range 100 {
			if d, err := pause(attempt, nil); err != nil || d < 0 || d >= bound {
				t.Fatalf("pause after attempt %d: %s, %v", attempt, d, err)
			}
		}
		sum += bound
		bound *= 2
	}
	if sum > 750*time.Millisecond {
		t.Errorf("the pauses of one call sum to %s", sum)
	}
}

// TestTheUseOfADayIsOneUnit: one read unit and one write unit have a kilobyte's room, however much was counted.
func TestTheUseOfADayIsOneUnit(t *testing.T) {
	t.Parallel()
	use := payment.Use{Day: "2031-12-31", Version: math.MaxInt32, Amounts: map[money.Currency]money.Amount{}}
	for _, c := range money.Currencies() {
		use.Amounts[c] = money.New(decimal.RequireFromString("999999999999.99999999"), c)
	}
	for hour := range use.Refunds {
		use.Refunds[hour] = 1_000_000
	}
	data, err := payment.EncodeUse(use)
	const room = 1024 - 200
	if err != nil || len(data) > room { // keys and the other attributes
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// TestAnAccountOfTenOperationsTakesFewWriteUnits: DynamoDB bills a unit for each KB that is begun, the larger of the item before
// and after, with both saves of a refund. docs/proof/benchmarks.md and docs/cost.md say what that comes to.
func TestAnAccountOfTenOperationsTakesFewWriteUnits(t *testing.T) {
	t.Parallel()
	for operations, most := range map[int]int{1: 1, 2: 2, 5: 4, 10: 3, 20: 5} {
		item, err := newItem(settled(operations), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if err != nil {
			t.Fatal(err)
		}
		if units := writeUnits(item); units > most {
			t.Errorf("%d operations take %d write units, %d are the most", operations, units, most)
		} else {
			t.Logf("%d operations: %d write units", operations, units)
		}
	}
}

// settled is a payment of one line with so many refunds, each as an everyday one is stored.
func settled(operations int) payment.Account {
	a := storetest.Largest("PAYMENT#25180188", operations)
	a.Lines = a.Lines[:1]
	for i := range a.Operations {
		op := &a.Operations[i]
		op.Key, op.Reference, op.LineID = fmt.Sprintf("order-%d", 48213+i), "", a.Lines[0].ID
		leg := &op.Legs[0]
		leg.State, leg.Failure, leg.LineID, leg.Proof.RefundTxID = payment.StateSucceeded, nil, op.LineID, ""
	}
	return a
}

// writeUnits is what DynamoDB bills for writing the item.
func writeUnits(item map[string]types.AttributeValue) int {
	size := 0
	for name, value := range item {
		size += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			size += len(v.Value)
		case *types.AttributeValueMemberN:
			size += len(v.Value)/2 + 1
		case *types.AttributeValueMemberB:
			size += len(v.Value)
		}
	}
	return (size + 1023) / 1024
}
