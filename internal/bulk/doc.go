// Package bulk refunds what a file lists, as after a cancelled concert: tens of thousands of refunds, hours at iyzico's
// limit. It reads and checks the whole file before anything is sent, gives every line a key that is the same in every
// run, and asks iade's API for each until its end is known. It keeps no state of its own: a run that was stopped, or
// killed, is run again, and iade answers what was done before without sending anything.
package bulk
