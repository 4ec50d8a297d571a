package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// epoch is an arbitrary moment with every digit of a time in use.
var epoch = time.Date(2031, time.March, 4, 5, 6, 7, 123456789, time.UTC)

// at is a moment that many minutes after epoch.
func at(minutes int) time.Time { return epoch.Add(time.Duration(minutes) * time.Minute) }

// Due is an account's first image, with one refund whose outcome is unknown and which is due at that time; nothing is
// due with the zero time.
func Due(id payment.AccountID, due time.Time) payment.Account {
	amount := money.MinorUnits(1050, money.TRY)
	leg := payment.Leg{API: payment.APIRefund, LineID: "27169345", Amount: amount, State: payment.StateSucceeded, Attempt: 1, SendBy: epoch}
	if !due.IsZero() {
		leg.State, leg.DueAt = payment.StateUnknown, due
	}
	return payment.Account{
		ID: id, Version: 1, PaymentID: id.PaymentID(), Currency: money.TRY, PaidAt: epoch, Charged: true,
		Lines: []payment.Line{{ID: "27169345", ItemID: "BI101", PaidAmount: amount}},
		Operations: []payment.Operation{{
			ID: "rf_25180188_aaaaaaaaaaaaaaaa", Kind: payment.KindRefund, Key: "order-1", Fingerprint: "f1", Amount: amount,
			Destination: payment.ToCard, Legs: []payment.Leg{leg}, Attempts: 1, CreatedAt: epoch, UpdatedAt: epoch,
		}},
	}
}

// settle is the next image of an account made by Due, with nothing due any more.
func settle(a payment.Account) payment.Account {
	next := Due(a.ID, time.Time{})
	next.Version = a.Version + 1
	return next
}

// Full is an account's first image in which every field is set, fields that are added later too. Only the words that a
// reader must understand make sense: a store looks at none of them.
func Full(t *testing.T, id payment.AccountID) payment.Account {
	t.Helper()
	var a payment.Account
	f := filler{t: t}
	f.fill(reflect.ValueOf(&a).Elem(), "Account")
	a.ID, a.Version, a.Currency = id, 1, money.TRY
	return a
}

// words are of the types whose words decide about money: an account with one that is not known is refused.
var words = map[reflect.Type]string{
	reflect.TypeFor[payment.Kind](): string(payment.KindRefund), reflect.TypeFor[payment.API](): string(payment.APIRefundV2),
	reflect.TypeFor[payment.State](): string(payment.StateUnknown), reflect.TypeFor[payment.Status](): string(payment.StatusSucceeded),
	reflect.TypeFor[payment.Destination](): string(payment.ToCard), reflect.TypeFor[payment.Allocation](): string(payment.AllocateInOrder),
	reflect.TypeFor[payment.Code](): string(payment.CodeExceedsRefundable), reflect.TypeFor[payment.Decision](): string(payment.DecideSucceeded),
	reflect.TypeFor[money.Currency](): string(money.TRY), reflect.TypeFor[payment.ChargedTo](): string(payment.ChargedToMerchant),
}

// filler gives every field a value of its own, so that a mix-up of two fields shows.
type filler struct {
	t *testing.T
	n int64
}

func (f *filler) fill(v reflect.Value, path string) {
	f.t.Helper()
	f.n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(at(int(f.n))))
		return
	case money.Amount:
		v.Set(reflect.ValueOf(money.New(decimal.New(3333333300000+f.n, -8), money.TRY)))
		return
	}
	if word, ok := words[v.Type()]; ok {
		v.SetString(word)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("ığü <&> \"%d\"", f.n))
	case reflect.Int, reflect.Int64:
		v.SetInt(f.n)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.fill(v.Index(i), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	default:
		f.t.Fatalf("%s: no sample for a %s", path, v.Type())
	}
}

// Largest is the first image of a payment with that many operations of one leg each, every text as long as it may be
// and as random as it really is, so that its compressed size is honest too.
func Largest(id payment.AccountID, operations int) payment.Account {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(alphabet string, length int) string {
		var b strings.Builder
		for range length {
			b.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		return b.String()
	}
	const (
		digits  = "0123456789"
		hex     = "0123456789abcdef"
		base32  = "abcdefghijklmnopqrstuvwxyz234567"
		visible = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/"
	)
	a := Due(id, at(0))
	a.Lines, a.Operations = nil, nil
	for range 100 {
		a.Lines = append(a.Lines, payment.Line{ID: text(digits, 19), ItemID: text(visible, 36), PaidAmount: money.MinorUnits(1e8, money.TRY)})
	}
	for i := range operations {
		retryable := false
		op := payment.Operation{
			ID: "rf_" + text(digits, 19) + "_" + text(base32, 16), Kind: payment.KindRefund, Key: text(visible, 255),
			Fingerprint: text(hex, 64), Amount: money.New(decimal.New(3333333300000+int64(i), -8), money.TRY),
			LineID: a.Lines[i%len(a.Lines)].ID, Destination: payment.ToCard, Reason: "DOUBLE_PAYMENT", Reference: text(visible, 100),
			Attempts: 1, CreatedAt: at(i), UpdatedAt: at(i + 1), SettledAt: at(i + 2), DeadlineAt: at(i + 3),
		}
		op.Legs = []payment.Leg{{
			API: payment.APIRefund, LineID: op.LineID, Amount: op.Amount, State: payment.StateUnknown, Attempt: 1, SendBy: at(i),
			DueAt: at(i + 60),
			Proof: payment.Proof{
				AuthCode: text(digits, 6), HostReference: text(visible, 24), RefundHostReference: text(visible, 24),
				RefundTxID: text(digits, 19), SignatureVerified: true,
			},
			Failure: &payment.Failure{Reason: "timeout", Code: text(digits, 5), Message: text(visible+" ", 200), Group: "NOT_SUFFICIENT_FUNDS", Retryable: &retryable},
		}}
		a.Operations = append(a.Operations, op)
	}
	return a
}
