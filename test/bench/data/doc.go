// Package data makes what the servers of the benchmark read: Backline's own tables with the demo
// catalogue, on one, two or four Postgres servers, and the rows that requests ask for.
//
// The databases are kept between runs in a directory that is named after what is in them, so that
// only the first run waits for the seed. They are Backline's embedded ones with the settings that
// they have outside of tests, which are the same for every server of the benchmark.
package data
