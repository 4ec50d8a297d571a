package sim

import "iter"

// coroutine runs one task after the other. Its stack has grown by the time of the second: growing one anew for each worker
// takes a seventh of a simulation's time.
type coroutine struct {
	next  func() (paused, alive bool)
	stop  func()
	yield func(bool) bool
	task  func()
	began bool // the task did
	dies  bool // the task is being unwound
}

// killed unwinds the task of a worker that is never resumed.
type killed struct{}

// pause gives control back. It does not return if the task is killed here.
func (c *coroutine) pause() {
	if c.dies || !c.yield(true) || c.dies {
		panic(killed{})
	}
}

// resume runs the task to its next pause, and tells whether there is one.
func (c *coroutine) resume() bool {
	c.began = true
	paused, _ := c.next()
	return paused
}

// kill unwinds the task where it paused: it has no more effects. One that has not begun never does.
func (c *coroutine) kill() {
	if c.began {
		c.dies = true
		c.next()
	}
}

// crew keeps the coroutines that have no task. It is of one goroutine.
type crew struct{ idle []*coroutine }

// take gives a coroutine that runs the task when it is resumed. The task must recover from killed.
func (p *crew) take(task func()) *coroutine {
	var c *coroutine
	if n := len(p.idle); n > 0 {
		c, p.idle = p.idle[n-1], p.idle[:n-1]
	} else {
		c = &coroutine{}
		c.next, c.stop = iter.Pull(func(yield func(bool) bool) {
			c.yield = yield
			for c.task(); yield(false); c.task() {
			}
		})
	}
	c.task, c.began, c.dies = task, false, false
	return c
}

// give takes back a coroutine whose task has ended.
func (p *crew) give(c *coroutine) { p.idle = append(p.idle, c) }

// dismiss ends every coroutine.
func (p *crew) dismiss() {
	for _, c := range p.idle {
		c.stop()
	}
	p.idle = nil
}
