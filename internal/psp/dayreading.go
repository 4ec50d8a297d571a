package psp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/iade/iade/internal/payment"
)

// staleReading is how long a list that was read in part waits to be read on before it is begun anew.
const staleReading = time.Hour

// dayReadings are the lists that are being read. A long day has more pages than a minute has calls, so a list is read over
// several calls: each goes on where the one before it had to stop.
type dayReadings struct {
	mu  sync.Mutex
	all map[payment.Day]*dayReading
}

// dayReading is one day's list as far as it was read. Only one goroutine reads it.
type dayReading struct {
	mu    sync.Mutex
	list  payment.DayList
	seen  map[payment.DayRow]bool
	page  int       // read last
	pages int       // that there are
	at    time.Time // when the last page was read
}

// read reads on to the list's end, and takes a slot for each page. What a page that cannot be read or an error of slot leaves
// is kept for the next call, and CodeRateLimited says that it goes on there; but a list whose pages do not fit together is begun anew.
func (d *dayReadings) read(
	ctx context.Context, from DayPages, q payment.DayQuery, now func() time.Time, slot func() error,
) (payment.DayList, error) {
	if q.Deadline.IsZero() {
		q.Deadline = now().Add(defaultDayTime)
	}
	r := d.of(q.Day)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.page == 0 || now().Sub(r.at) > staleReading {
		r.begin(q.Day, now())
	}
	for r.page < r.pages {
		if !now().Before(q.Deadline) {
			return payment.DayList{}, &payment.Error{
				Code: payment.CodeRateLimited, Message: "iyzico's list of " + string(q.Day) + " has more pages than there was time for: the next read goes on",
				RetryAfter: time.Second,
			}
		}
		if err := slot(); err != nil {
			return payment.DayList{}, err
		}
		page := q
		if limit := now().Add(pageTime); limit.Before(page.Deadline) {
			page.Deadline = limit
		}
		answer, err := from.ReadDayPage(ctx, page, r.page+1)
		if err != nil {
			return payment.DayList{}, err
		}
		if why := answer.Misplaced(r.page+1, r.pages, mostDayPages); why != "" {
			err := unreadable(fmt.Sprintf("read page %d of iyzico's list of %s", r.page+1, q.Day), errors.New(why))
			r.begin(q.Day, now())
			return payment.DayList{}, err
		}
		r.add(answer, now())
	}
	list := r.list
	r.begin(q.Day, now())
	return list, nil
}

// of gives the day's reading. Those that nobody goes on with are dropped.
func (d *dayReadings) of(day payment.Day) *dayReading {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all[day] == nil {
		if d.all == nil || len(d.all) >= mostDaysRead {
			d.all = map[payment.Day]*dayReading{}
		}
		d.all[day] = &dayReading{}
	}
	return d.all[day]
}

// mostDaysRead bounds the lists that are read at once.
const mostDaysRead = 16

func (r *dayReading) begin(day payment.Day, now time.Time) {
	r.list, r.seen = payment.DayList{Day: day, ReadAt: now}, map[payment.DayRow]bool{}
	r.page, r.pages, r.at = 0, 1, now
}

// add takes over a page. A row that came in meanwhile moves the others on, so a later page may repeat some.
func (r *dayReading) add(answer payment.DayPage, now time.Time) {
	if r.page == 0 {
		r.list.SystemTime = answer.SystemTime
	}
	r.page, r.pages, r.at = r.page+1, max(r.pages, answer.Pages), now
	for _, row := range answer.Rows {
		if once := comparable(row); !r.seen[once] {
			r.seen[once] = true
			r.list.Rows = append(r.list.Rows, row)
		}
	}
}
