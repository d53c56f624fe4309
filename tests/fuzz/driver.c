/* The libFuzzer driver: starts Python, imports the instrumented modules, hands each input on. */
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>

static int (*one)(const uint8_t *, size_t);

static void stop(const char *what)
{
	fprintf(stderr, "fuzz driver: %s\n", what);
	if(PyErr_Occurred())
		PyErr_Print();
	exit(3);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	PyObject *module, *table, *capsule;
	(void)argc;
	(void)argv;
	Py_InitializeEx(0);
	module = PyImport_ImportModule("fuzz_entry");
	if(module == NULL)
		stop("cannot import fuzz_entry");
	table = PyObject_GetAttrString(module, "__pyx_capi__");
	capsule = table == NULL ? NULL : PyDict_GetItemString(table, "fuzz_one");
	if(capsule == NULL)
		stop("fuzz_entry exports no fuzz_one");
	one = (int (*)(const uint8_t *, size_t))PyCapsule_GetPointer(
			capsule, PyCapsule_GetName(capsule));
	if(one == NULL)
		stop("no pointer");
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return one(data, size);
}
