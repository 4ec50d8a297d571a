package ingress

import (
	"net/http"

	"github.com/iade/iade/internal/payment"
)

// CheckRefund reads the body and the key of a refund with the very checks that POST /refunds makes before it looks at
// the payment, and gives every fault. The command is of use only if there is none.
func CheckRefund(body []byte, key string) (payment.Command, []Fault) {
	var f faults
	req := Request{Header: http.Header{keyHeader: {key}}, Body: body}
	cmd := new(API).readCommand(req, payment.KindRefund, keyed, &f)
	return cmd, f.list
}
