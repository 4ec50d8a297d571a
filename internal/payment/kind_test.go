package payment_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/iade/iade/internal/payment"
)

// declaredKinds are the Kind constants of the package's source.
func declaredKinds(t *testing.T) []payment.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []payment.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Kind" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, payment.Kind(text))
		}
		return true
	})
	return kinds
}

// TestEveryKindHasARow: a constant without a row in the table fails here, and a kind without a row is never taken for a refund.
func TestEveryKindHasARow(t *testing.T) {
	t.Parallel()
	declared := declaredKinds(t)
	if len(declared) < 4 || len(declared) != len(payment.Kinds()) {
		t.Fatalf("%d kinds are declared and %d have a row", len(declared), len(payment.Kinds()))
	}
	for _, kind := range declared {
		if !kind.Known() {
			t.Errorf("%s has no row", kind)
			continue
		}
		c := payment.Command{Kind: kind, PaymentID: paymentID, Key: "k"}
		if account, ok := payment.AccountOf(c.OperationID()); !ok || account != c.AccountID() {
			t.Errorf("%s: the id %s does not lead to %s", kind, c.OperationID(), c.AccountID())
		}
		if path := kind.Path(); !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") {
			t.Errorf("%s is shown at %q", kind, path)
		}
		// A kind must be able to leave sending by every answer that it may get, or it would never end.
		for _, on := range []payment.Trigger{payment.TriggerLost, payment.TriggerDue, payment.TriggerRefused, payment.TriggerNotSent} {
			if _, ok := payment.Next(kind, payment.StateSending, on); !ok {
				t.Errorf("%s: the transitions lack sending on %s", kind, on)
			}
		}
	}
}

func TestAnUnknownKindIsNoRefund(t *testing.T) {
	t.Parallel()
	unknown := payment.Kind("chargeback")
	if unknown.Known() {
		t.Error("it has a row")
	}
	for name, use := range map[string]func(){
		"an id":      func() { payment.Command{Kind: unknown, PaymentID: paymentID, Key: "k"}.OperationID() },
		"a path":     func() { unknown.Path() },
		"an account": func() { payment.Command{Kind: unknown, PaymentID: paymentID}.AccountID() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was made for it", name)
				}
			}()
			use()
		}()
	}
}
