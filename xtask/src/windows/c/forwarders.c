/* python3.dll holds no code: each of its names is found in python311.dll. */
int DllMainCRTStartup(void *module, unsigned reason, void *reserved) { return 1; }
