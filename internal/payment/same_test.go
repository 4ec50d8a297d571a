package payment

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// TestNoFieldOfAnOperationIsLeftOutOfSame changes every field of an operation by itself, and each list by one element: none is the same then.
// A field that is new and forgotten fails it.
func TestNoFieldOfAnOperationIsLeftOutOfSame(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, time.March, 10, 9, 0, 0, 0, time.UTC)
	fresh := func() *Operation {
		yes := true
		amount := money.New(decimal.RequireFromString("10"), money.TRY)
		return &Operation{
			Amount: amount, FollowUps: []time.Time{at}, Page: CustomerPage{Returned: []string{"a"}},
			Legs:    []Leg{{Amount: amount, Parts: []Part{{"1", amount}}, ClaimedTx: []string{"a"}, Failure: &Failure{Retryable: &yes}}},
			Fund:    &Fund{PriceAmount: amount, Made: MadePayment{Lines: []Line{{ID: "1", PaidAmount: amount}}, FraudStatus: new(int)}},
			Refusal: &Refusal{}, Resolution: &Resolution{},
		}
	}
	if a, b := fresh(), fresh(); !a.same(b) {
		t.Fatal("an operation is not the same as its like")
	}
	// Each step leads from an operation to one of its fields.
	var fields func(v reflect.Value, path string, step func(reflect.Value) reflect.Value)
	changed := 0
	change := func(path string, step func(reflect.Value) reflect.Value, by func(reflect.Value)) {
		changed++
		one := fresh()
		by(step(reflect.ValueOf(one).Elem()))
		if other := fresh(); one.same(other) || other.same(one) {
			t.Errorf("%s is left out", path)
		}
	}
	fields = func(v reflect.Value, path string, step func(reflect.Value) reflect.Value) {
		switch v.Interface().(type) {
		case time.Time:
			change(path, step, func(v reflect.Value) { v.Set(reflect.ValueOf(at.Add(time.Nanosecond))) })
			return
		case money.Amount:
			change(path, step, func(v reflect.Value) {
				v.Set(reflect.ValueOf(money.New(decimal.RequireFromString("10.00000001"), money.TRY)))
			})
			change(path, step, func(v reflect.Value) { v.Set(reflect.ValueOf(money.New(decimal.RequireFromString("10"), money.EUR))) })
			return
		}
		switch v.Kind() {
		case reflect.String:
			change(path, step, func(v reflect.Value) { v.SetString("changed") })
		case reflect.Int, reflect.Int64:
			change(path, step, func(v reflect.Value) { v.SetInt(99) })
		case reflect.Bool:
			change(path, step, func(v reflect.Value) { v.SetBool(!v.Bool()) })
		case reflect.Pointer:
			change(path+" gone", step, func(v reflect.Value) { v.SetZero() })
			fields(v.Elem(), path, func(v reflect.Value) reflect.Value { return step(v).Elem() })
		case reflect.Slice:
			change(path+" empty", step, func(v reflect.Value) { v.SetZero() })
			change(path+" longer", step, func(v reflect.Value) { v.Set(reflect.Append(v, v.Index(0))) })
			fields(v.Index(0), path+"[0]", func(v reflect.Value) reflect.Value { return step(v).Index(0) })
		case reflect.Struct:
			for i := range v.NumField() {
				fields(v.Field(i), fmt.Sprint(path, ".", v.Type().Field(i).Name), func(v reflect.Value) reflect.Value { return step(v).Field(i) })
			}
		default:
			t.Fatalf("%s: a %s cannot be changed here", path, v.Type())
		}
	}
	fields(reflect.ValueOf(fresh()).Elem(), "Operation", func(v reflect.Value) reflect.Value { return v })
	if changed < 70 {
		t.Errorf("only %d changes were tried", changed)
	}
	// The same moment and the same value are no change, however they are written.
	one, other := fresh(), fresh()
	one.Amount, one.FollowUps[0] = money.New(decimal.RequireFromString("10.00"), money.TRY), at.In(time.FixedZone("", 3*3600))
	if !one.same(other) {
		t.Error("another way of writing is a change")
	}
}
