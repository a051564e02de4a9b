export async function showLive(_flags: unknown): Promise<number> { return 0; }
