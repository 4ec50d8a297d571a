package eventschema_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/eventschema"
)

// TestEveryMemberThatEventsHaveIsDescribed walks the detail's own type, so that a new member cannot stay undescribed.
func TestEveryMemberThatEventsHaveIsDescribed(t *testing.T) {
	t.Parallel()
	described, err := eventschema.Members()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range members(reflect.TypeFor[payment.Detail]()) {
		if !slices.Contains(described, name) {
			t.Errorf("docs/events/operation.json does not describe %s", name)
		}
	}
}

func members(of reflect.Type) []string {
	var names []string
	for field := range of.Fields() {
		if field.Anonymous {
			names = append(names, members(field.Type)...)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		names = append(names, name)
	}
	return names
}

func event(kind payment.Kind, status payment.Status) []byte {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	id := map[payment.Kind]string{payment.KindCancel: "cn_1_abcdefghijklmnop", payment.KindReversal: "rv_1_abcdefghijklmnop", payment.KindFundPayment: "fp_abcdefghijklmnopqrstuvwxyz"}[kind]
	if id == "" {
		id = "rf_1_abcdefghijklmnop"
	}
	data, err := json.Marshal(payment.Change{DetailType: fmt.Sprintf("%s.%s", kind, status), Detail: payment.Detail{
		Resource:      payment.Resource{ID: id, Kind: kind, Status: status, PaymentID: "1", RefundedAmount: "0.00", CreatedAt: at, UpdatedAt: at},
		SchemaVersion: payment.SchemaVersion, Sequence: 3, IdempotencyKey: "k",
	}}.Published())
	if err != nil {
		panic(err)
	}
	return data
}

// TestEveryPublishedStatusHasAPlace: what the domain publishes for some kind is described for that kind, and what it never
// publishes is not.
func TestEveryPublishedStatusHasAPlace(t *testing.T) {
	t.Parallel()
	for _, kind := range []payment.Kind{payment.KindRefund, payment.KindBalanceRefund, payment.KindCancel, payment.KindReversal, payment.KindFundPayment} {
		for _, status := range []payment.Status{payment.StatusSucceeded, payment.StatusRejected, payment.StatusUnknown, payment.StatusNeedsReview} {
			if err := eventschema.Check(event(kind, status)); err != nil {
				t.Errorf("%s %s: %v", kind, status, err)
			}
		}
		for _, status := range []payment.Status{payment.StatusProcessing, payment.StatusNotSent, "odd"} {
			if eventschema.Check(event(kind, status)) == nil {
				t.Errorf("%s %s is described and never published", kind, status)
			}
		}
	}
	for kind, status := range map[payment.Kind]payment.Status{
		payment.KindRefund: payment.StatusPartiallySucceeded, payment.KindBalanceRefund: payment.StatusAwaitingCustomer,
		payment.KindReversal: payment.StatusPartiallySucceeded, payment.KindCancel: payment.StatusNotExecuted, payment.KindFundPayment: payment.StatusInReview,
	} {
		if err := eventschema.Check(event(kind, status)); err != nil {
			t.Errorf("%s %s: %v", kind, status, err)
		}
	}
}

func TestWhatIsNotDescribedIsWrong(t *testing.T) {
	t.Parallel()
	good := string(event(payment.KindRefund, payment.StatusSucceeded))
	for name, text := range map[string]string{
		"another source":     strings.Replace(good, `"source":"iade"`, `"source":"shop"`, 1),
		"no sequence":        strings.Replace(good, `"sequence":3,`, ``, 1),
		"another version":    strings.Replace(good, `"schemaVersion":1`, `"schemaVersion":2`, 1),
		"an amount's number": strings.Replace(good, `"refundedAmount":"0.00"`, `"refundedAmount":0`, 1),
		"another kind":       strings.Replace(good, `"kind":"refund"`, `"kind":"cancel"`, 1),
		"an odd time":        strings.Replace(good, `12:00:00Z"`, `noon"`, 1),
		"no schema":          `{"detail-type":"order.paid"}`,
		"no JSON":            `{`,
	} {
		if text == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if eventschema.Check([]byte(text)) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := eventschema.Check([]byte(good)); err != nil {
		t.Error(err)
	}
}
