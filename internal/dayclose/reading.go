package dayclose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

// Pages reads iyzico's list of a day, within the limit of calls.
type Pages interface {
	// ReadDayPage reads one page, from 1, before the query's deadline. CodeRateLimited: no call is left in this minute;
	// CodeUnavailable: anything else.
	ReadDayPage(ctx context.Context, q payment.DayQuery, page int) (payment.DayPage, error)
}

const (
	// pageTime bounds one page.
	pageTime = 6 * time.Second
	// mostPages bounds one day: 100,000 pages of 40 rows.
	mostPages = 100_000
	// partPages and partRows bound a part of the list: what a process that dies has read in vain.
	partPages = 25
	partRows  = 2_000
)

// listPrefix begins the names of the list's parts, and rereadPrefix those of what was read again.
const (
	listPrefix   = "list-"
	rereadPrefix = "reread-"
)

// listPart is some pages of the list, one after the other.
type listPart struct {
	First      int       `json:"first"`
	Last       int       `json:"last"`
	Pages      int       `json:"pages"`
	SystemTime time.Time `json:"systemTime,omitzero"` // of page 1
	Rows       []partRow `json:"rows"`
}

// foreignID stands for every conversationId that is not of iade's form: somebody else's words are not kept.
const foreignID = "other"

// partRow is a row as a part holds it.
type partRow struct {
	Kind           string          `json:"k"`
	TransactionID  string          `json:"t"`
	PaymentID      string          `json:"p"`
	LineID         string          `json:"l"`
	ConversationID string          `json:"c,omitempty"`
	Amount         decimal.Decimal `json:"a"`
	Currency       money.Currency  `json:"u"`
	Status         *int            `json:"s,omitempty"`
	At             time.Time       `json:"d,omitzero"`
}

// list is what was read of iyzico's list so far.
type list struct {
	payment.DayList
	page, pages int
	seen        map[string]bool
}

// take adds the pages of a part. A row that came in while the list was read moves the others on, so that a page may repeat
// some.
func (l *list) take(p listPart) {
	if p.First == 1 {
		l.SystemTime = p.SystemTime
	}
	l.page, l.pages = p.Last, max(l.pages, p.Pages)
	for _, r := range p.Rows {
		key := strings.Join([]string{r.Kind, r.TransactionID, r.PaymentID, r.LineID, r.Amount.String(), r.At.UTC().Format(time.RFC3339)}, "/")
		if l.seen[key] {
			continue
		}
		l.seen[key] = true
		l.Rows = append(l.Rows, payment.DayRow{
			Kind: payment.DayRowKind(r.Kind), TransactionID: r.TransactionID, PaymentID: r.PaymentID, LineID: r.LineID,
			ConversationID: r.ConversationID, Amount: money.New(r.Amount, r.Currency), Status: r.Status, At: r.At,
		})
	}
}

// add puts a page's rows into a part.
func (p *listPart) add(page payment.DayPage, number int) {
	if number == 1 {
		p.SystemTime = page.SystemTime
	}
	p.Last, p.Pages = number, max(p.Pages, page.Pages)
	for _, r := range page.Rows {
		id := r.ConversationID
		if _, ours := payment.OperationOfAttempt(id); !ours && id != "" {
			id = foreignID
		}
		p.Rows = append(p.Rows, partRow{
			word(r.Kind), r.TransactionID, r.PaymentID, r.LineID, id, r.Amount.Decimal(), r.Amount.Currency(), r.Status, r.At,
		})
	}
}

// readList reads iyzico's list on from where the reading's parts end, to its end. CodeRateLimited: there was no time for all
// of it, and the next call goes on.
func (c *Closer) readList(ctx context.Context, record Record, parts []Part, until time.Time) (payment.DayList, error) {
	l := &list{DayList: payment.DayList{Day: record.Day.Date, ReadAt: record.Reading}, pages: 1, seen: map[string]bool{}}
	byFirst := map[int]listPart{}
	for _, stored := range parts {
		var p listPart
		if !strings.HasPrefix(stored.Name, listPrefix) {
			continue
		}
		if err := json.Unmarshal(stored.Data, &p); err != nil {
			return payment.DayList{}, fmt.Errorf("read %s of %s: %w", stored.Name, stored.Date, err)
		}
		byFirst[p.First] = p
	}
	for {
		p, ok := byFirst[l.page+1]
		if !ok {
			break
		}
		l.take(p)
	}
	for l.page < l.pages {
		p := listPart{First: l.page + 1, Last: l.page, Pages: l.pages}
		err := c.readPart(ctx, record.Day.Date, &p, until)
		if p.Last >= p.First {
			if saved := c.savePart(ctx, record, fmt.Sprintf("%s%06d", listPrefix, p.First), p); saved != nil {
				return payment.DayList{}, saved
			}
			l.take(p)
		}
		if err != nil {
			return payment.DayList{}, err
		}
	}
	return l.DayList, nil
}

// readPart reads pages into the part until it is full, the list or the time ends, or a page cannot be read.
func (c *Closer) readPart(ctx context.Context, day payment.Day, p *listPart, until time.Time) error {
	for p.Last < p.Pages && p.Last-p.First+1 < partPages && len(p.Rows) < partRows {
		number := p.Last + 1
		var page payment.DayPage
		err := c.inTime(ctx, until, func(deadline time.Time) (err error) {
			page, err = c.Pages.ReadDayPage(ctx, payment.DayQuery{Day: day, Deadline: deadline}, number)
			return err
		})
		if err != nil {
			return err
		}
		if why := page.Misplaced(number, p.Pages, mostPages); why != "" {
			return &misplacedError{fmt.Sprintf("page %d of iyzico's list of %s does not fit the pages before it: %s", number, day, why)}
		}
		p.add(page, number)
	}
	return nil
}

// misplacedError tells that the pages of a list do not fit together: the list is begun anew.
type misplacedError struct{ text string }

func (e *misplacedError) Error() string { return e.text }

func (c *Closer) savePart(ctx context.Context, record Record, name string, content any) error {
	data, err := json.Marshal(content)
	if err == nil {
		err = c.Store.SavePart(ctx, Part{record.Day.Date, record.Reading, name, data})
	}
	if err != nil {
		return unreachable("save "+name, err)
	}
	return nil
}

// inTime makes one read, and again in the next minute where no call was left in this one. CodeRateLimited: the time is up.
func (c *Closer) inTime(ctx context.Context, until time.Time, read func(deadline time.Time) error) error {
	for {
		now := c.Now()
		if until.Sub(now) < pageTime {
			return outOfTime(now)
		}
		err := read(now.Add(pageTime))
		var e *payment.Error
		if !errors.As(err, &e) || e.Code != payment.CodeRateLimited {
			return err
		}
		pause := max(e.RetryAfter, time.Second)
		if now.Add(pause + pageTime).After(until) {
			return outOfTime(now)
		}
		if err := c.Wait(ctx, pause); err != nil {
			return err
		}
	}
}

func outOfTime(now time.Time) error {
	const minute = time.Minute
	return &payment.Error{
		Code: payment.CodeRateLimited, Message: "there was no time, or no call left, for all that is to be read: the next close goes on",
		RetryAfter: now.Truncate(minute).Add(minute).Sub(now),
	}
}

func unreachable(doing string, err error) error {
	return &payment.Error{
		Code: payment.CodeUnavailable, Message: "what is known of the day cannot be reached: ask again", RetryAfter: time.Second,
		Cause: fmt.Errorf("%s: %w", doing, err),
	}
}
