package console

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/iade/iade/internal/words"
)

const (
	operationsShown = 20 // on the page of a payment
	linesShown      = 100
	movementsShown  = 50
)

// paymentPage is a payment with its operations.
type paymentPage struct {
	Payment
	Stories     []story
	Older       int // how many newer ones are left out on the page of the older ones; 0 = there is no such page
	LinesLeft   int
	MovesLeft   int
	CanGiveBack bool
	GiveBack    string
}

// payment shows a payment. With refresh it is read from iyzico now.
func (c *Console) payment(v *visit) {
	id := v.r.PathValue("payment")
	query := url.Values{}
	skip, err := strconv.Atoi(v.r.URL.Query().Get("skip"))
	if err == nil && skip > 0 {
		query.Set("cursor", strconv.Itoa(skip))
	} else {
		skip = 0
	}
	if v.r.URL.Query().Get("refresh") == "true" {
		query.Set("refresh", "true")
	}
	var page paymentPage
	if err := c.get(v.ctx, "/payments/"+url.PathEscape(id)+"?"+query.Encode(), &page.Payment); err != nil {
		c.refuse(v, err)
		return
	}
	page.GiveBack = giveBackPath(page.PaymentID, keyOf(&page.Payment))
	if page.NextCursor != "" || len(page.Operations) > operationsShown {
		page.Older = skip + min(operationsShown, len(page.Operations))
	}
	page.Operations = page.Operations[:min(operationsShown, len(page.Operations))]
	page.Lines, page.LinesLeft = atMost(page.Lines, linesShown)
	page.OtherMovements, page.MovesLeft = atMost(page.OtherMovements, movementsShown)
	page.CanGiveBack = page.NotRefundable == "" && isMore(page.RefundableAmount, "0") || page.Held() && !isMore(page.ReservedAmount, "0") && !page.dayIsOver(v.now)
	page.Stories = make([]story, len(page.Operations))
	tell := make([]func() error, 0, len(page.Operations))
	for i := range page.Operations {
		page.Stories[i].Operation = page.Operations[i]
		if i < storiesTold {
			tell = append(tell, func() error { return page.Stories[i].tell(v, c, changesTold) })
		}
	}
	if err := together(tell...); err != nil {
		c.refuse(v, err)
		return
	}
	c.show(v, http.StatusOK, "payment", words.Text{"Payment", "Ödeme"}.In(v.lang)+" "+words.Plain(page.PaymentID), page)
}

// atMost cuts a list, and counts what was cut off.
func atMost[T any](all []T, most int) ([]T, int) {
	if len(all) <= most {
		return all, 0
	}
	return all[:most], len(all) - most
}
