package payment_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// legsText writes an operation's legs as "1:10.00 2:5.00"; a leg of Refund v2 has no line, one of a cancel is "cancel".
func legsText(op *payment.Operation) string {
	var parts []string
	for i := range op.Legs {
		leg := &op.Legs[i]
		where := leg.LineID
		switch leg.API {
		case payment.APIRefundV2:
			where = "v2" + where
		case payment.APICancel:
			where = "cancel" + where
		case payment.APIRefund, payment.APIRefundChargedToMerchant, payment.APIBalanceInit, payment.APIFund:
		}
		parts = append(parts, where+":"+leg.Amount.String())
	}
	return strings.Join(parts, " ")
}

func TestCommandsBecomeLegs(t *testing.T) {
	t.Parallel()
	thirds := []string{"33.33333333", "33.33333333", "33.33333334"}
	for name, tc := range map[string]struct {
		lines []string
		c     payment.Command
		want  string
	}{
		"one line, no line named":                {[]string{"100"}, refund("k", "10.5"), "1:10.50"},
		"one line, named":                        {[]string{"100"}, onLine(refund("k", "100"), "1"), "1:100.00"},
		"one line, proportional changes nothing": {[]string{"100"}, allocated(refund("k", "7"), payment.AllocateProportional), "1:7.00"},
		"one line, in order changes nothing":     {[]string{"100"}, allocated(refund("k", "7"), payment.AllocateInOrder), "1:7.00"},
		"one line, iyzico means v2":              {[]string{"100"}, allocated(refund("k", "7"), payment.AllocateByIyzico), "v2:7.00"},
		"several lines, one named":               {[]string{"10", "20"}, onLine(refund("k", "5"), "2"), "2:5.00"},
		"several lines, iyzico is one call":      {[]string{"10", "20"}, allocated(refund("k", "30"), payment.AllocateByIyzico), "v2:30.00"},
		"in order":                               {[]string{"10", "20", "30"}, allocated(refund("k", "25"), payment.AllocateInOrder), "1:10.00 2:15.00"},
		"in order, all":                          {[]string{"10", "20", "30"}, allocated(refund("k", "60"), payment.AllocateInOrder), "1:10.00 2:20.00 3:30.00"},
		"in order, the first line is enough":     {[]string{"10", "20"}, allocated(refund("k", "10"), payment.AllocateInOrder), "1:10.00"},
		"proportional, even":                     {[]string{"10", "20", "30"}, allocated(refund("k", "6"), payment.AllocateProportional), "1:1.00 2:2.00 3:3.00"},
		"proportional, rest in line order":       {[]string{"10", "10", "10"}, allocated(refund("k", "0.05"), payment.AllocateProportional), "1:0.02 2:0.02 3:0.01"},
		"proportional, zero legs dropped":        {[]string{"10", "10", "10"}, allocated(refund("k", "0.01"), payment.AllocateProportional), "1:0.01"},
		"proportional, rest may be the first's":  {[]string{"1", "99"}, allocated(refund("k", "0.99"), payment.AllocateProportional), "1:0.01 2:0.98"},
		"proportional, all":                      {[]string{"0.01", "99.99"}, allocated(refund("k", "100"), payment.AllocateProportional), "1:0.01 2:99.99"},
		"proportional, thirds":                   {thirds, allocated(refund("k", "50"), payment.AllocateProportional), "1:16.67 2:16.67 3:16.66"},
		"full, one line":                         {[]string{"100"}, full("k"), "1:100.00"},
		"full, a line":                           {[]string{"10", "20"}, onLine(full("k"), "2"), "2:20.00"},
		"full, all lines":                        {[]string{"10", "20"}, full("k"), "1:10.00 2:20.00"},
		"full, thirds make a whole":              {thirds, full("k"), "v2:100.00"},
		"full, a surcharge spread over lines":    {[]string{"0.30599401", "9.90400599"}, full("k"), "v2:10.21"},
		"full, fifteen parts":                    {fifteenths(), full("k"), "v2:100.00"},
		"full, parts that make no kuruş":         {[]string{"10.001", "20.002"}, full("k"), "1:10.00 2:20.00"},
		"full of one line is floored":            {thirds, onLine(full("k"), "3"), "3:33.33"},
		"all of thirds by iyzico":                {thirds, allocated(refund("k", "100"), payment.AllocateByIyzico), "v2:100.00"},
		"nothing but parts of kuruş":             {[]string{"0.005", "0.006"}, full("k"), "v2:0.01"},
		"currency named":                         {[]string{"100"}, inCurrency(refund("k", "10"), money.TRY), "1:10.00"},
		"cancel":                                 {[]string{"10", "20"}, cancel("k"), "cancel:30.00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, tc.lines...).ask(tc.c)
			if s.err != nil {
				t.Fatal(s.err)
			}
			op := s.op("k")
			if got := legsText(op); got != tc.want {
				t.Errorf("legs %q, want %q", got, tc.want)
			}
			sum := money.Zero(money.TRY)
			for i := range op.Legs {
				sum = sum.Add(op.Legs[i].Amount)
			}
			if !op.Amount.Equal(sum) {
				t.Errorf("the operation's amount %s is not its legs' %s", op.Amount, sum)
			}
			if first := op.Legs[0]; s.call == nil || s.call.API != first.API || s.call.LineID != first.LineID || !s.call.Amount.Equal(first.Amount) {
				t.Errorf("the call %+v is not the first leg %+v", s.call, first)
			}
		})
	}
}

// fifteenths are 100.00 over fifteen lines as iyzico spreads it: 6.6666666x each.
func fifteenths() []string {
	lines := slices.Repeat([]string{"6.66666667"}, 10)
	return append(lines, slices.Repeat([]string{"6.66666666"}, 5)...)
}

func inCurrency(c payment.Command, currency money.Currency) payment.Command {
	c.Currency = currency
	return c
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lines      []string
		c          payment.Command
		want       payment.Code
		refundable string
	}{
		"more than the payment":        {[]string{"100"}, refund("k", "100.01"), payment.CodeExceedsRefundable, "100.00"},
		"more than the line":           {[]string{"10", "20"}, onLine(refund("k", "10.01"), "1"), payment.CodeExceedsRefundable, "10.00"},
		"more than all lines":          {[]string{"10", "20"}, allocated(refund("k", "30.01"), payment.AllocateInOrder), payment.CodeExceedsRefundable, "30.00"},
		"more than all lines, v2":      {[]string{"10", "20"}, allocated(refund("k", "31"), payment.AllocateByIyzico), payment.CodeExceedsRefundable, "30.00"},
		"the floored line":             {[]string{"33.33999999"}, refund("k", "33.34"), payment.CodeExceedsRefundable, "33.33"},
		"the sum of the floored lines": {[]string{"33.33333333", "33.33333333", "33.33333334"}, allocated(refund("k", "100"), payment.AllocateInOrder), payment.CodeExceedsRefundable, "99.99"},
		"full of a line below a cent":  {[]string{"0.00999"}, full("k"), payment.CodeExceedsRefundable, "0.00"},
		"another payment's line":       {[]string{"100"}, onLine(refund("k", "1"), "7"), payment.CodeLineNotFound, ""},
		"full of another line":         {[]string{"100"}, onLine(full("k"), "7"), payment.CodeLineNotFound, ""},
		"another currency":             {[]string{"100"}, inCurrency(refund("k", "1"), money.EUR), payment.CodeCurrencyMismatch, ""},
		"full in another currency":     {[]string{"100"}, inCurrency(full("k"), money.EUR), payment.CodeCurrencyMismatch, ""},
		"no allocation":                {[]string{"10", "20"}, refund("k", "1"), payment.CodeAllocationNeeded, ""},
		"no allocation, and too much":  {[]string{"10", "20"}, refund("k", "99"), payment.CodeAllocationNeeded, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, tc.lines...).ask(tc.c)
			e := s.refused(tc.want)
			if (e.Refundable == nil) != (tc.refundable == "") || (e.Refundable != nil && e.Refundable.String() != tc.refundable) {
				t.Errorf("refundable %v, want %q", e.Refundable, tc.refundable)
			}
			if tc.want == payment.CodeAllocationNeeded && (len(e.Lines) != 2 || e.Lines[1].PaymentTransactionID != "2" || e.Lines[1].RefundableAmount != "20.00") {
				t.Errorf("lines %+v", e.Lines)
			}
			if s.account.Version != 0 {
				t.Error("a refused first contact left a trace")
			}
		})
	}
}

func TestFullWithNothingLeftExceedsRefundable(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10").ask(refund("a", "10")).answer(payment.VerdictSucceeded).ask(full("b"))
	if e := s.refused(payment.CodeExceedsRefundable); e.Refundable.String() != "0.00" {
		t.Errorf("refundable %s", e.Refundable)
	}
}

func TestWhatIsReservedOrRefundedIsNotRefundable(t *testing.T) {
	t.Parallel()
	s := newStory(t, "10", "20")
	s.ask(onLine(refund("a", "4"), "1")).answer(payment.VerdictSucceeded)
	s.ask(onLine(refund("b", "5"), "2")).answer(payment.VerdictUnknown).sums("4.00", "5.00", "21.00")
	if e := s.ask(onLine(refund("c", "6.01"), "1")).refused(payment.CodeExceedsRefundable); e.Refundable.String() != "6.00" {
		t.Errorf("refundable of line 1: %s", e.Refundable)
	}
	if e := s.ask(onLine(refund("d", "15.01"), "2")).refused(payment.CodeExceedsRefundable); e.Refundable.String() != "15.00" {
		t.Errorf("refundable of line 2: %s", e.Refundable)
	}
	s.ask(allocated(refund("e", "21"), payment.AllocateInOrder))
	if got := legsText(s.op("e")); got != "1:6.00 2:15.00" {
		t.Errorf("legs %s", got)
	}
	s.sums("4.00", "26.00", "0.00")
}

// TestAllocationsKeepEveryLine: whatever the lines and the amount, legs sum up exactly, stay within their lines, are
// never zero, and stand in line order.
func TestAllocationsKeepEveryLine(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2031, 310))
	for range 500 {
		lines := make([]string, 1+random.IntN(9))
		total := int64(0)
		for i := range lines {
			units := random.Int64N(5)
			switch random.IntN(3) {
			case 0:
				units = random.Int64N(1_000_000)
			case 1:
				units = random.Int64N(1_000_000_000_000)
			}
			total += units
			lines[i] = fmt.Sprintf("%d.%02d%06d", units/100, units%100, random.IntN(1_000_000))
		}
		if total == 0 {
			continue
		}
		units := 1 + random.Int64N(total)
		if random.IntN(5) == 0 {
			units = total
		}
		for _, allocation := range []payment.Allocation{payment.AllocateProportional, payment.AllocateInOrder} {
			c := allocated(refund("k", "1"), allocation)
			c.Amount = money.MinorUnits(units, money.TRY)
			s := newStory(t, lines...).ask(c)
			if s.err != nil {
				t.Fatalf("%s of %s on %v: %v", allocation, c.Amount, lines, s.err)
			}
			sum, last := money.Zero(money.TRY), -1
			for _, leg := range s.op("k").Legs {
				i := int(leg.LineID[0] - '1')
				if i <= last || leg.Amount.Sign() <= 0 || !leg.Amount.Equal(leg.Amount.Floor()) || leg.Amount.Cmp(amount(lines[i]).Floor()) > 0 {
					t.Fatalf("%s of %s on %v: leg %s of %s", allocation, c.Amount, lines, leg.LineID, leg.Amount)
				}
				sum, last = sum.Add(leg.Amount), i
			}
			if !sum.Equal(c.Amount) {
				t.Fatalf("%s of %s on %v: legs sum up to %s", allocation, c.Amount, lines, sum)
			}
		}
	}
}

// TestProportionalSharesAreTheExactOnesWithinAUnit holds the split against the exact share.
func TestProportionalSharesAreTheExactOnesWithinAUnit(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	for range 200 {
		units := make([]int64, 2+random.IntN(6))
		lines := make([]string, len(units))
		total := int64(0)
		for i := range units {
			units[i] = 1 + random.Int64N(100_000)
			total += units[i]
			lines[i] = money.MinorUnits(units[i], money.TRY).String()
		}
		asked := 1 + random.Int64N(total)
		c := allocated(refund("k", "1"), payment.AllocateProportional)
		c.Amount = money.MinorUnits(asked, money.TRY)
		s := newStory(t, lines...).ask(c)
		given := make([]int64, len(units))
		for _, leg := range s.op("k").Legs {
			given[leg.LineID[0]-'1'] = leg.Amount.Units()
		}
		raised := true
		for i := range units {
			floor := asked * units[i] / total
			if given[i] != floor && given[i] != floor+1 {
				t.Fatalf("line %d of %v gets %d of %d, floor %d", i, units, given[i], asked, floor)
			}
			if given[i] == floor+1 && !raised {
				t.Fatalf("line %d of %v gets a unit after a line that got none", i, units)
			}
			raised = given[i] == floor+1
		}
	}
}
