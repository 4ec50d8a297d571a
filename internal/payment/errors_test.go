package payment_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/iade/iade/internal/payment"
)

func TestAnErrorIsExplainedWithItsCause(t *testing.T) {
	t.Parallel()
	plain := errors.New("plain")
	if got := payment.WithCause(plain); got.Error() != "plain" {
		t.Error(got)
	}
	with := &payment.Error{Code: payment.CodeUnavailable, Message: "ask again", Cause: plain}
	if got := payment.WithCause(with).Error(); !strings.Contains(got, "ask again") || !strings.HasSuffix(got, ": plain") {
		t.Error(got)
	}
}
