package bulk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/iade/iade/internal/bulk"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// FuzzFile: a file is refused with every fault named, or each of its lines is a refund that the API's own checks take, with
// a key of its own. The same file read again makes the same keys.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		"paymentId,paymentTransactionId,amount\n10000001,20000001,12.50\n", "\xef\xbb\xbfpaymentId;full\r\n1;TRUE\r\n1;TRUE\r\n", "paymentId\tamount\tkey\n1\t1\tk\n1\t2\tk\n",
		"paymentId,amount,reference\n1,1,\"a,b\n c\"\n\n,,\n", "paymentId,amount\n1,\"1\n", "PAYMENTID, amount ,reason,description\n1,1,fraud,=1+1\n", "paymentId,amount\n1.0E+7,\"1,5\"\n", "", "paymentId,paymentId,full\n1,1,x\n",
	} {
		f.Add(text, true, false)
		f.Add(strings.ReplaceAll(text, ".", ","), false, true)
	}
	f.Fuzz(func(t *testing.T, text string, repeats, comma bool) {
		file, err := bulk.Read(strings.NewReader(text), bulk.Options{KeyPrefix: "p-", AllowRepeats: repeats, DecimalComma: comma})
		var bad *bulk.BadFile
		switch {
		case errors.As(err, &bad):
			if len(bad.Faults) == 0 || len(file.Lines) > 0 {
				t.Fatalf("%q is refused for nothing, or read all the same: %+v", text, file)
			}
			for _, fault := range bad.Faults {
				if fault.Line < 1 || fault.Field == "" || fault.Message == "" {
					t.Fatalf("%q: fault %+v", text, fault)
				}
			}
			return
		case err != nil:
			t.Fatalf("%q: %v", text, err)
		}
		again, err := bulk.Read(strings.NewReader(text), bulk.Options{KeyPrefix: "p-", AllowRepeats: repeats, DecimalComma: comma})
		if err != nil || len(again.Lines) != len(file.Lines) || len(file.Lines) == 0 {
			t.Fatalf("%q: %d lines, and again %d, %v", text, len(file.Lines), len(again.Lines), err)
		}
		asked := map[string]string{} // the request of an operation
		for i, l := range file.Lines {
			command, faults := ingress.CheckRefund(l.Body, l.Key)
			if len(faults) > 0 || command.OperationID() != l.OperationID || command.PaymentID != l.PaymentID || !payment.ValidIyzicoID(l.PaymentID) {
				t.Fatalf("%q: line %d is %+v, faults %v", text, l.Number, l, faults)
			}
			if again.Lines[i].Key != l.Key || l.Number < 2 || i > 0 && l.Number <= file.Lines[i-1].Number {
				t.Fatalf("%q: line %d has key %q, and again %q", text, l.Number, l.Key, again.Lines[i].Key)
			}
			if earlier, ok := asked[l.OperationID]; ok && earlier != command.Fingerprint() {
				t.Fatalf("%q: two requests under %s", text, l.OperationID)
			}
			asked[l.OperationID] = command.Fingerprint()
		}
	})
}
