/* Owns the report: one JSON object about the run and each instance. */

#ifndef REPORT_H
#define REPORT_H

#include "instance.h"

/* Prints it; true if nothing was lost or wrong and every instance ended as it should. */
int report(const Run *run, const Instance *instances, int left_in_job, double left_ms);

#endif
